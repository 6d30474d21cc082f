package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
)

// object is one object as the JSON API describes it; none is nil.
type object map[string]any

func (o object) text(name string) string {
	text, _ := o[name].(string)
	return text
}

// place is which object a request writes, with escaped names.
type place struct{ bucket, object string }

func (p place) path() string {
	return "/storage/v1/b/" + p.bucket + "/o/" + p.object
}

func (s *server) object(path string) object {
	found := object{}
	reply := s.get(path)
	if reply.Code != http.StatusOK || json.Unmarshal(reply.Body.Bytes(), &found) != nil {
		return nil
	}
	return found
}

// target is the object that a request addresses: of a copy, the one that it makes.
func (s *server) target(r *http.Request, path string, body []byte) place {
	if parts := uploadPath.FindStringSubmatch(path); parts != nil {
		if session, ok := s.uploads[r.URL.Query().Get("upload_id")]; ok {
			return place{parts[1], session.object}
		}
		return place{parts[1], url.PathEscape(uploadedKey(r, body))}
	}
	if parts := objectPath.FindStringSubmatch(path); parts != nil {
		if _, copied, copies := strings.Cut(path, "To/b/"); copies {
			bucket, name, _ := strings.Cut(copied, "/o/")
			return place{bucket, name}
		}
		return place{parts[1], parts[2]}
	}
	if !jsonPath.MatchString(path) {
		bucket, name, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		return place{bucket, strings.ReplaceAll(name, "/", "%2F")}
	}
	return place{}
}

// write passes a request on that may change an object, and tells of what it did.
func (s *server) write(r *http.Request, at place) *httptest.ResponseRecorder {
	generation := r.URL.Query().Get("generation")
	before := s.object(at.path())
	if r.Method == http.MethodDelete && generation != "" {
		before = s.object(at.path() + "?generation=" + url.QueryEscape(generation))
	}
	reply := s.ask(r)
	if reply.Code >= http.StatusMultipleChoices {
		return reply
	}
	if r.Method == http.MethodDelete {
		s.configs.tell(event{s.removal(at, generation == ""), before, nil})
		return reply
	}
	after := s.object(at.path())
	switch {
	case after.text("generation") != before.text("generation"):
		s.created(at, before, after)
	case objectPath.MatchString(r.URL.EscapedPath()):
		s.configs.tell(event{"OBJECT_METADATA_UPDATE", after, nil})
	}
	return reply
}

// created tells of a new object, and of the one in whose place it came.
// https://cloud.google.com/storage/docs/pubsub-notifications#replacing_objects
func (s *server) created(at place, before, after object) {
	if before == nil {
		s.configs.tell(event{"OBJECT_FINALIZE", after, nil})
		return
	}
	by := map[string]string{"overwrittenByGeneration": after.text("generation")}
	s.configs.tell(event{s.removal(at, true), before, by})
	of := map[string]string{"overwroteGeneration": before.text("generation")}
	s.configs.tell(event{"OBJECT_FINALIZE", after, of})
}

// removal is what happens to an object that is live no more: a bucket with versions keeps it, if it was not named.
func (s *server) removal(at place, keeps bool) string {
	var bucket struct{ Versioning struct{ Enabled bool } }
	_ = json.Unmarshal(s.get("/storage/v1/b/"+at.bucket).Body.Bytes(), &bucket)
	if keeps && bucket.Versioning.Enabled {
		return "OBJECT_ARCHIVE"
	}
	return "OBJECT_DELETE"
}
