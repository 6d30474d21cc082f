package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// longest is how many seconds a signed URL holds at most.
const longest = 7 * 24 * 60 * 60

// everybody is the account whose key is that of all that have none of their own.
const everybody = "*"

// keys are the public keys of the accounts whose signatures are checked; without any, what only looks like one will do.
type keys map[string]*rsa.PublicKey

func readKeys(file string) (keys, error) {
	found := keys{}
	if file == "" {
		return found, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	if err := json.Unmarshal(data, &texts); err != nil {
		return nil, err
	}
	for account, text := range texts {
		block, _ := pem.Decode([]byte(text))
		if block == nil {
			return nil, fmt.Errorf("the key of %s is not in PEM", account)
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		public, ok := key.(*rsa.PublicKey)
		if !ok {
			return nil, fmt.Errorf("the key of %s is not an RSA key", account)
		}
		found[account] = public
	}
	return found, nil
}

// problem is an error of the XML API.
// https://cloud.google.com/storage/docs/xml-api/reference-status
type problem struct {
	status        int
	code, message string
}

func (p *problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/xml; charset=UTF-8")
	w.WriteHeader(p.status)
	_, _ = fmt.Fprintf(w, "<?xml version='1.0' encoding='UTF-8'?><Error><Code>%s</Code><Message>", p.code)
	_ = xml.EscapeText(w, []byte(p.message))
	_, _ = fmt.Fprint(w, "</Message></Error>")
}

var (
	denied    = &problem{http.StatusForbidden, "AccessDenied", "Anonymous caller does not have access to the object."}
	expired   = &problem{http.StatusBadRequest, "ExpiredToken", "The provided token has expired."}
	malformed = &problem{http.StatusBadRequest, "AuthenticationRequired", "The signed URL is not complete."}
	mismatch  = &problem{http.StatusForbidden, "SignatureDoesNotMatch", "Access denied."}
)

// check lets through who has a token or a V4 signature that holds: not too early, not too late, of the headers that it
// names, by a key that is known. fake-gcs-server checks nothing.
// https://cloud.google.com/storage/docs/authentication/signatures
func (k keys) check(r *http.Request) *problem {
	query := r.URL.Query()
	if !query.Has("X-Goog-Algorithm") {
		if r.Header.Get("Authorization") != "" {
			return nil
		}
		return denied
	}
	signature, err := hex.DecodeString(query.Get("X-Goog-Signature"))
	if err != nil || len(signature) < 32 || query.Get("X-Goog-Algorithm") != "GOOG4-RSA-SHA256" {
		return malformed
	}
	if wrong := checkTime(query); wrong != nil {
		return wrong
	}
	signed := strings.Split(query.Get("X-Goog-SignedHeaders"), ";")
	if !slices.Contains(signed, "host") {
		return malformed
	}
	account, scope, _ := strings.Cut(query.Get("X-Goog-Credential"), "/")
	if !strings.HasSuffix(scope, "/storage/goog4_request") {
		return malformed
	}
	return k.verify(account, digest(r, scope, signed), signature)
}

func (k keys) verify(account string, sum [32]byte, signature []byte) *problem {
	if len(k) == 0 {
		return nil
	}
	key, known := k[account]
	if !known {
		key, known = k[everybody]
	}
	if !known || rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
		return mismatch
	}
	return nil
}

func checkTime(query url.Values) *problem {
	date, err := time.Parse("20060102T150405Z", query.Get("X-Goog-Date"))
	seconds, err2 := strconv.Atoi(query.Get("X-Goog-Expires"))
	if err != nil || err2 != nil || seconds <= 0 || seconds > longest {
		return malformed
	}
	length := time.Duration(seconds) * time.Second
	if time.Now().After(date.Add(length)) || time.Now().Add(15*time.Minute).Before(date) {
		return expired
	}
	return nil
}

// digest is what was signed. https://cloud.google.com/storage/docs/authentication/canonical-requests
func digest(r *http.Request, scope string, signed []string) [32]byte {
	path, raw, _ := strings.Cut(r.RequestURI, "?")
	var parameters []string
	for _, parameter := range strings.Split(raw, "&") {
		if !strings.HasPrefix(parameter, "X-Goog-Signature=") {
			parameters = append(parameters, parameter)
		}
	}
	slices.Sort(parameters)
	headers := ""
	for _, name := range signed {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		headers += name + ":" + strings.Join(strings.Fields(value), " ") + "\n"
	}
	payload := "UNSIGNED-PAYLOAD"
	if sum := r.Header.Get("X-Goog-Content-Sha256"); sum != "" {
		payload = sum
	}
	request := strings.Join(
		[]string{r.Method, path, strings.Join(parameters, "&"), headers, strings.Join(signed, ";"), payload}, "\n")
	hash := sha256.Sum256([]byte(request))
	text := strings.Join([]string{
		"GOOG4-RSA-SHA256", r.URL.Query().Get("X-Goog-Date"), scope, hex.EncodeToString(hash[:])}, "\n")
	return sha256.Sum256([]byte(text))
}
