package main

import (
	"context"
	"encoding/json"
	"log"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

var (
	notificationPath = regexp.MustCompile(`^/storage/v1/b/([^/]+)/notificationConfigs(?:/([^/]+))?$`)
	topicName        = regexp.MustCompile(`^(?://pubsub\.googleapis\.com/)?(projects/[^/]+/topics/[^/]+)$`)
	eventTypes       = []string{"OBJECT_FINALIZE", "OBJECT_METADATA_UPDATE", "OBJECT_DELETE", "OBJECT_ARCHIVE"}
)

// https://cloud.google.com/storage/docs/pubsub-notifications#notification-configurations
const (
	maxConfigs         = 100
	maxConfigsPerEvent = 10
)

// config is one notification configuration of a bucket.
// https://cloud.google.com/storage/docs/json_api/v1/notifications
type config struct {
	Kind             string            `json:"kind"`
	SelfLink         string            `json:"selfLink"`
	ID               string            `json:"id"`
	Etag             string            `json:"etag"`
	Topic            string            `json:"topic"`
	EventTypes       []string          `json:"event_types,omitempty"`
	CustomAttributes map[string]string `json:"custom_attributes,omitempty"`
	PayloadFormat    string            `json:"payload_format"`
	ObjectNamePrefix string            `json:"object_name_prefix,omitempty"`
}

func (c *config) wants(event string) bool {
	return len(c.EventTypes) == 0 || slices.Contains(c.EventTypes, event)
}

// notifications are the configurations of all buckets. fake-gcs-server has them too, but its messages lack the
// notificationConfig attribute and half of the object, and come some time later, also to a configuration made since.
type notifications struct {
	base   string // of the links in what is shown
	pubsub pubsubpb.PublisherClient

	mu     sync.Mutex
	next   int
	bucket map[string][]*config // by the escaped name
}

func newNotifications(pubsub, base string) (*notifications, error) {
	n := &notifications{base: base, bucket: map[string][]*config{}}
	if pubsub == "" {
		return n, nil
	}
	connection, err := grpc.NewClient(pubsub, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	n.pubsub = pubsubpb.NewPublisherClient(connection)
	return n, nil
}

// event is something that happened to an object.
type event struct {
	kind   string
	object object
	more   map[string]string // attributes of this kind alone
}

// tell publishes an event to the topics that want it, before the request that made it is answered.
func (n *notifications) tell(e event) {
	for _, c := range n.of(url.PathEscape(e.object.text("bucket"))) {
		if !c.wants(e.kind) || !strings.HasPrefix(e.object.text("name"), c.ObjectNamePrefix) {
			continue
		}
		topic := topicName.FindStringSubmatch(c.Topic)[1]
		request := &pubsubpb.PublishRequest{Topic: topic, Messages: []*pubsubpb.PubsubMessage{c.message(e)}}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		if _, err := n.pubsub.Publish(ctx, request); err != nil {
			log.Printf("notification %s to %s: %v", c.ID, topic, err)
		}
		cancel()
	}
}

// message is what the cloud sends for an event. https://cloud.google.com/storage/docs/pubsub-notifications#format
func (c *config) message(e event) *pubsubpb.PubsubMessage {
	bucket := e.object.text("bucket")
	attributes := map[string]string{}
	maps.Copy(attributes, c.CustomAttributes)
	maps.Copy(attributes, e.more)
	maps.Copy(attributes, map[string]string{
		"notificationConfig": "projects/_/buckets/" + bucket + "/notificationConfigs/" + c.ID,
		"eventType":          e.kind,
		"payloadFormat":      c.PayloadFormat,
		"bucketId":           bucket,
		"objectId":           e.object.text("name"),
		"objectGeneration":   e.object.text("generation"),
		"eventTime":          time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"),
	})
	message := &pubsubpb.PubsubMessage{Attributes: attributes}
	if c.PayloadFormat == "JSON_API_V1" {
		message.Data, _ = json.MarshalIndent(e.object, "", "  ")
	}
	return message
}

func (n *notifications) of(bucket string) []*config {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.bucket[bucket])
}

func (n *notifications) forget(bucket string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.bucket, bucket)
}

func (n *notifications) handle(w http.ResponseWriter, r *http.Request, found bool, bucket, id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	position := slices.IndexFunc(n.bucket[bucket], func(c *config) bool { return c.ID == id })
	switch {
	case !found || id != "" && position < 0:
		copyTo(w, failure(http.StatusNotFound, "notFound", "Not Found"))
	case id == "" && r.Method == http.MethodPost:
		n.insert(w, r, bucket)
	case id == "" && r.Method == http.MethodGet:
		encode(w, map[string]any{"kind": "storage#notifications", "items": append([]*config{}, n.bucket[bucket]...)})
	case id != "" && r.Method == http.MethodGet:
		encode(w, n.bucket[bucket][position])
	case id != "" && r.Method == http.MethodDelete:
		n.bucket[bucket] = slices.Delete(n.bucket[bucket], position, position+1)
		w.WriteHeader(http.StatusNoContent)
	default:
		copyTo(w, failure(http.StatusMethodNotAllowed, "methodNotAllowed", "Method not allowed"))
	}
}

func (n *notifications) insert(w http.ResponseWriter, r *http.Request, bucket string) {
	c := &config{}
	if err := json.NewDecoder(r.Body).Decode(c); err != nil {
		copyTo(w, failure(http.StatusBadRequest, "parseError", "Parse Error"))
		return
	}
	if problem := n.problem(c, bucket); problem != "" {
		copyTo(w, failure(http.StatusBadRequest, "invalid", problem))
		return
	}
	n.next++
	c.ID = strconv.Itoa(n.next)
	c.Kind, c.Etag = "storage#notification", c.ID
	c.SelfLink = n.base + "/storage/v1/b/" + bucket + "/notificationConfigs/" + c.ID
	c.Topic = "//pubsub.googleapis.com/" + topicName.FindStringSubmatch(c.Topic)[1]
	n.bucket[bucket] = append(n.bucket[bucket], c)
	encode(w, c)
}

func (n *notifications) problem(c *config, bucket string) string {
	switch {
	case n.pubsub == nil:
		return "This emulator was started without a Pub/Sub to send to: set PUBSUB_EMULATOR_HOST."
	case !topicName.MatchString(c.Topic):
		return "Invalid Google Cloud Pub/Sub topic. It should look like '//pubsub.googleapis.com/projects/*/topics/*'."
	case c.PayloadFormat != "JSON_API_V1" && c.PayloadFormat != "NONE":
		return "Invalid payload format."
	case len(n.bucket[bucket]) >= maxConfigs:
		return "There are too many notification configurations on the bucket."
	}
	for _, event := range c.EventTypes {
		if !slices.Contains(eventTypes, event) {
			return "Invalid event type: " + event
		}
	}
	for _, event := range eventTypes {
		if c.wants(event) && n.count(bucket, event) >= maxConfigsPerEvent {
			return "There are too many notification configurations for " + event + " on the bucket."
		}
	}
	return ""
}

func (n *notifications) count(bucket, event string) int {
	total := 0
	for _, c := range n.bucket[bucket] {
		if c.wants(event) {
			total++
		}
	}
	return total
}
