package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
)

// upload is one resumable upload: the object that it makes, and the bytes that it has.
type upload struct {
	object string
	have   int
}

// uploads are the resumable uploads that have not ended, by their id.
// https://cloud.google.com/storage/docs/performing-resumable-uploads
type uploads map[string]*upload

// refuse answers a question for the status, and a chunk that does not begin where the last one ended: fake-gcs-server
// takes the first for the end, and appends the second.
func (u uploads) refuse(r *http.Request, length int) *httptest.ResponseRecorder {
	id := r.URL.Query().Get("upload_id")
	session, known := u[id]
	unit, total, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Content-Range"), "bytes "), "/")
	start, _, _ := strings.Cut(unit, "-")
	if !known || unit == "" {
		return nil
	}
	have := session.have
	isQuestion := unit == "*" && length == 0 && total != strconv.Itoa(have)
	isElsewhere := unit != "*" && start != strconv.Itoa(have)
	if !isQuestion && !isElsewhere {
		return nil
	}
	reply := httptest.NewRecorder()
	if have > 0 {
		reply.Header().Set("Range", "bytes=0-"+strconv.Itoa(have-1))
	}
	reply.WriteHeader(http.StatusPermanentRedirect)
	return reply
}

// note keeps what was taken, and gives the session an address without the object's name, whose "&" would end it.
func (u uploads) note(r *http.Request, reply *httptest.ResponseRecorder, at place, length int) {
	id := r.URL.Query().Get("upload_id")
	switch {
	case reply.Code == http.StatusPermanentRedirect && u[id] != nil:
		u[id].have += length
	case id != "":
		delete(u, id)
	case reply.Header().Get("Location") != "":
		location := reply.Header().Get("Location")
		id = location[strings.LastIndex(location, "=")+1:]
		path, _, _ := strings.Cut(location, "?")
		reply.Header().Set("Location", path+"?uploadType=resumable&upload_id="+url.QueryEscape(id))
		u[id] = &upload{object: at.object}
	}
}
