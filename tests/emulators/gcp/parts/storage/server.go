package main

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

var (
	objectPath = regexp.MustCompile(`^(?:/download)?/storage/v1/b/([^/]+)/o/([^/]+)`)
	bucketPath = regexp.MustCompile(`^/storage/v1/b/([^/]+)/?$`)
	uploadPath = regexp.MustCompile(`^/upload/storage/v1/b/([^/]+)/o/?$`)
	jsonPath   = regexp.MustCompile(`^/((upload|download)/)?storage/v1/|^/upload/resumable/|^/batch/|^/_internal/`)
)

// server stands before fake-gcs-server: it checks what that does not, one writing request at a time.
type server struct {
	fake    http.Handler
	configs *notifications
	keys    keys
	uploads uploads

	mu sync.Mutex // nobody writes between a look at an object and what is done for it
}

func newServer(fake http.Handler, configs *notifications, keys keys) *server {
	return &server{fake: fake, configs: configs, keys: keys, uploads: uploads{}}
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if parts := notificationPath.FindStringSubmatch(path); parts != nil {
		s.configs.handle(w, r, s.hasBucket(parts[1]), parts[1], parts[2])
		return
	}
	if !jsonPath.MatchString(path) && r.Method != http.MethodOptions {
		if problem := s.keys.check(r); problem != nil {
			problem.write(w)
			return
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) == 0 {
		r.Body = http.NoBody
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasPrefix(path, "/batch/") {
		copyTo(w, s.batch(r, body))
	} else {
		copyTo(w, s.answer(r, path, body))
	}
}

// answer is what the cloud would say first, or what fake-gcs-server says. The lock is held.
func (s *server) answer(r *http.Request, path string, body []byte) *httptest.ResponseRecorder {
	if refused := s.refuse(r, path, body); refused != nil {
		return refused
	}
	at := s.target(r, path, body)
	if at.object == "" || r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions {
		return s.answerBucket(r, path, body)
	}
	opens := !jsonPath.MatchString(path) && r.Method == http.MethodPost
	if opens { // a signed resumable upload: fake-gcs-server looks for the name where the JSON API has it
		name, _ := url.PathUnescape(at.object)
		r.URL.RawQuery += "&name=" + url.QueryEscape(name)
	}
	reply := s.write(r, at)
	if opens && reply.Code == http.StatusOK {
		reply.Code = http.StatusCreated
	}
	if opens || uploadPath.MatchString(path) {
		s.uploads.note(r, reply, at, len(body))
	}
	if !jsonPath.MatchString(path) && r.Method == http.MethodPut && reply.Code == http.StatusOK {
		return stored(reply)
	}
	return reply
}

// answerBucket passes on what writes no object.
func (s *server) answerBucket(r *http.Request, path string, body []byte) *httptest.ResponseRecorder {
	parts := bucketPath.FindStringSubmatch(path)
	if parts != nil && r.Method == http.MethodPatch {
		s.keepVersioning(r, path, body)
	}
	reply := s.ask(r)
	if parts == nil || r.Method != http.MethodDelete {
		return reply
	}
	if reply.Code == http.StatusPreconditionFailed {
		return failure(http.StatusConflict, "conflict", "The bucket you tried to delete is not empty.")
	}
	if reply.Code < http.StatusMultipleChoices {
		s.configs.forget(parts[1])
	}
	return reply
}

// keepVersioning adds the bucket's own versioning to a change that does not name it, which would turn it off.
func (s *server) keepVersioning(r *http.Request, path string, body []byte) {
	change, bucket := map[string]any{}, map[string]any{}
	if json.Unmarshal(body, &change) != nil || json.Unmarshal(s.get(path).Body.Bytes(), &bucket) != nil {
		return
	}
	if _, named := change["versioning"]; !named {
		change["versioning"] = bucket["versioning"]
		body, _ = json.Marshal(change)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
}

func (s *server) refuse(r *http.Request, path string, body []byte) *httptest.ResponseRecorder {
	if uploadPath.MatchString(path) {
		if r.Method == http.MethodPut {
			return s.uploads.refuse(r, len(body))
		}
		if !validKey(uploadedKey(r, body)) {
			return failure(http.StatusBadRequest, "invalid", "Invalid object name.")
		}
	}
	return s.refuseGeneration(r, path, body)
}

func (s *server) hasBucket(escaped string) bool {
	return s.get("/storage/v1/b/"+escaped).Code == http.StatusOK
}

func (s *server) get(path string) *httptest.ResponseRecorder {
	return s.ask(httptest.NewRequest(http.MethodGet, path, nil))
}

func (s *server) ask(r *http.Request) *httptest.ResponseRecorder {
	reply := httptest.NewRecorder()
	s.fake.ServeHTTP(reply, r)
	return reply
}

// uploadedKey is the object's name: a parameter, or a field of the metadata in the body or in its first part.
func uploadedKey(r *http.Request, body []byte) string {
	if name := r.URL.Query().Get("name"); name != "" {
		return name
	}
	kind, parameters, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if strings.HasPrefix(kind, "multipart/") {
		part, err := multipart.NewReader(bytes.NewReader(body), parameters["boundary"]).NextPart()
		if err != nil {
			return ""
		}
		body, _ = io.ReadAll(part)
	}
	var metadata struct{ Name string }
	_ = json.Unmarshal(body, &metadata)
	return metadata.Name
}

// https://cloud.google.com/storage/docs/objects#naming
func validKey(key string) bool {
	return len(key) >= 1 && len(key) <= 1024 && utf8.ValidString(key) && !strings.ContainsAny(key, "\r\n") &&
		key != "." && key != ".." && !strings.HasPrefix(key, ".well-known/acme-challenge/")
}

// stored is the answer to an upload through the XML API: no body. fake-gcs-server sends the object's metadata.
// https://cloud.google.com/storage/docs/xml-api/put-object-upload
func stored(reply *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	var object struct{ Etag, Generation, Metageneration string }
	_ = json.Unmarshal(reply.Body.Bytes(), &object)
	empty := httptest.NewRecorder()
	empty.Header().Set("ETag", `"`+object.Etag+`"`)
	empty.Header().Set("X-Goog-Generation", object.Generation)
	empty.Header().Set("X-Goog-Metageneration", object.Metageneration)
	empty.Header().Set("Content-Type", "text/html; charset=UTF-8")
	return empty
}

// failure is an error of the JSON API.
// https://cloud.google.com/storage/docs/json_api/v1/status-codes
func failure(status int, reason, message string) *httptest.ResponseRecorder {
	reply := httptest.NewRecorder()
	reply.Header().Set("Content-Type", "application/json; charset=UTF-8")
	reply.WriteHeader(status)
	_ = json.NewEncoder(reply).Encode(map[string]any{"error": map[string]any{
		"code": status, "message": message,
		"errors": []map[string]string{{"domain": "global", "reason": reason, "message": message}},
	}})
	return reply
}

func copyTo(w http.ResponseWriter, reply *httptest.ResponseRecorder) {
	for name, values := range reply.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(reply.Code)
	_, _ = w.Write(reply.Body.Bytes())
}

func encode(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_ = json.NewEncoder(w).Encode(value)
}
