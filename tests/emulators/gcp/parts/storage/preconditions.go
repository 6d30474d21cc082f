package main

import (
	"net/http"
	"net/http/httptest"
	"strconv"
)

// refuseGeneration obeys the preconditions on generations that fake-gcs-server obeys for uploads only.
// https://cloud.google.com/storage/docs/request-preconditions
func (s *server) refuseGeneration(r *http.Request, path string, body []byte) *httptest.ResponseRecorder {
	match, other := r.URL.Query().Get("ifGenerationMatch"), r.URL.Query().Get("ifGenerationNotMatch")
	if parts := objectPath.FindStringSubmatch(path); parts != nil {
		source := r.URL.Query().Get("ifSourceGenerationMatch")
		if source != "" && s.generation(place{parts[1], parts[2]}) != source {
			return unmet()
		}
	}
	if !jsonPath.MatchString(path) {
		match = r.Header.Get("X-Goog-If-Generation-Match")
	}
	at := s.target(r, path, body)
	if at.object == "" || match == "" && other == "" {
		return nil
	}
	return s.compare(r.Method, s.generation(at), match, other)
}

func (s *server) compare(method, generation, match, other string) *httptest.ResponseRecorder {
	reads := method == http.MethodGet || method == http.MethodHead
	if generation == "0" && (reads || method == http.MethodDelete || method == http.MethodPatch) {
		return nil // it is told that nothing is there
	}
	for _, number := range []string{match, other} {
		if _, err := strconv.ParseInt(number, 10, 64); number != "" && err != nil {
			return failure(http.StatusBadRequest, "invalid", "Invalid generation.")
		}
	}
	if match != "" && match != generation {
		return unmet()
	}
	if other != "" && other == generation {
		if reads {
			reply := httptest.NewRecorder()
			reply.WriteHeader(http.StatusNotModified)
			return reply
		}
		return unmet()
	}
	return nil
}

// generation is that of the live object, 0 where there is none.
func (s *server) generation(at place) string {
	if found := s.object(at.path()); found != nil {
		return found.text("generation")
	}
	return "0"
}

func unmet() *httptest.ResponseRecorder {
	return failure(http.StatusPreconditionFailed, "conditionNotMet",
		"At least one of the pre-conditions you specified did not hold.")
}
