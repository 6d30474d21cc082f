package main

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/textproto"
	"strings"
)

// batch answers each request of a batch on its own, as if it had come alone: fake-gcs-server would answer them past this.
// https://cloud.google.com/storage/docs/batch
func (s *server) batch(r *http.Request, body []byte) *httptest.ResponseRecorder {
	_, parameters, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	parts := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	answers := &bytes.Buffer{}
	writer := multipart.NewWriter(answers)
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil || s.batchPart(part, writer) != nil {
			return failure(http.StatusBadRequest, "badRequest", "Failed to parse batch request.")
		}
	}
	_ = writer.Close()
	reply := httptest.NewRecorder()
	reply.Header().Set("Content-Type", "multipart/mixed; boundary="+writer.Boundary())
	_, _ = reply.Write(answers.Bytes())
	return reply
}

func (s *server) batchPart(part *multipart.Part, to *multipart.Writer) error {
	one, err := http.ReadRequest(bufio.NewReader(part))
	if err != nil {
		return err
	}
	content, err := io.ReadAll(one.Body)
	if err != nil {
		return err
	}
	one.Body = io.NopCloser(bytes.NewReader(content))
	answer, err := httputil.DumpResponse(s.answer(one, one.URL.EscapedPath(), content).Result(), true)
	if err != nil {
		return err
	}
	id := strings.Replace(part.Header.Get("Content-ID"), "<", "<response-", 1)
	header := textproto.MIMEHeader{"Content-Type": {"application/http"}, "Content-ID": {id}}
	writer, err := to.CreatePart(header)
	if err != nil {
		return err
	}
	_, err = writer.Write(answer)
	return err
}
