package main

import (
	"regexp"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// The limits of a message and of a request, which pstest does not know.
// https://cloud.google.com/pubsub/quotas#resource_limits
const (
	maxMessages       = 1000
	maxBytes          = 10_000_000
	maxAttributes     = 100
	maxAttributeKey   = 256
	maxAttributeValue = 1024
	maxOrderingKey    = 1024
	maxFilter         = 256
)

// https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names
var resource = regexp.MustCompile(`^projects/[^/]+/([a-z]+)/([A-Za-z][A-Za-z0-9._~+%-]{2,254})$`)

func invalid(format string, values ...any) error {
	return status.Errorf(codes.InvalidArgument, format, values...)
}

func checkName(name, kind string) error {
	parts := resource.FindStringSubmatch(name)
	if parts == nil || parts[1] != kind || strings.HasPrefix(strings.ToLower(parts[2]), "goog") {
		return invalid("Invalid [%s] name: (name=%s)", kind, name)
	}
	return nil
}

func checkPublish(r *pubsubpb.PublishRequest) error {
	if len(r.Messages) == 0 || len(r.Messages) > maxMessages {
		return invalid("The value for message_count is %d. It must be between 1 and %d.", len(r.Messages), maxMessages)
	}
	total := 0
	for _, message := range r.Messages {
		if err := checkMessage(message); err != nil {
			return err
		}
		total += size(message)
	}
	if total > maxBytes {
		return invalid("The value for request_size is too large. You passed %d; the maximum is %d.", total, maxBytes)
	}
	return nil
}

func checkMessage(message *pubsubpb.PubsubMessage) error {
	if len(message.Data) == 0 && len(message.Attributes) == 0 {
		return invalid("A message must have data or an attribute.")
	}
	if len(message.OrderingKey) > maxOrderingKey {
		return invalid("The ordering key has %d bytes; the maximum is %d.", len(message.OrderingKey), maxOrderingKey)
	}
	if len(message.Attributes) > maxAttributes {
		return invalid("The message has %d attributes; the maximum is %d.", len(message.Attributes), maxAttributes)
	}
	for key, value := range message.Attributes {
		if key == "" || len(key) > maxAttributeKey || strings.HasPrefix(key, "goog") {
			return invalid("An attribute key has 1 to %d bytes and does not start with goog.", maxAttributeKey)
		}
		if len(value) > maxAttributeValue {
			return invalid("The value of an attribute has %d bytes; the maximum is %d.", len(value), maxAttributeValue)
		}
	}
	return nil
}

func size(message *pubsubpb.PubsubMessage) int {
	total := len(message.Data) + len(message.OrderingKey)
	for key, value := range message.Attributes {
		total += len(key) + len(value)
	}
	return total
}

// checkSubscription refuses what the cloud refuses, and fills in what it fills in.
// https://cloud.google.com/pubsub/docs/subscription-properties
func checkSubscription(config *pubsubpb.Subscription) error {
	if err := checkDeadline(config); err != nil {
		return err
	}
	if len(config.Filter) > maxFilter {
		return invalid("The filter has %d bytes; the maximum is %d.", len(config.Filter), maxFilter)
	}
	if config.MessageRetentionDuration == nil {
		config.MessageRetentionDuration = durationpb.New(7 * 24 * time.Hour)
	}
	if kept := config.MessageRetentionDuration.AsDuration(); kept < 10*time.Minute || kept > 31*24*time.Hour {
		return invalid("message_retention_duration is %s; it must be between 10 minutes and 31 days.", kept)
	}
	if err := checkDeadLetter(config.DeadLetterPolicy); err != nil {
		return err
	}
	if config.ExpirationPolicy == nil {
		config.ExpirationPolicy = &pubsubpb.ExpirationPolicy{Ttl: durationpb.New(31 * 24 * time.Hour)}
	}
	return checkRetry(config.RetryPolicy)
}

func checkDeadline(config *pubsubpb.Subscription) error {
	if config.AckDeadlineSeconds == 0 {
		config.AckDeadlineSeconds = 10
	}
	if config.AckDeadlineSeconds < 10 || config.AckDeadlineSeconds > 600 {
		return invalid("Invalid ack deadline: %d, it must be between 10 and 600 seconds.", config.AckDeadlineSeconds)
	}
	return nil
}

// https://cloud.google.com/pubsub/docs/handling-failures#dead_letter_topic
func checkDeadLetter(policy *pubsubpb.DeadLetterPolicy) error {
	if policy == nil {
		return nil
	}
	if policy.MaxDeliveryAttempts == 0 {
		policy.MaxDeliveryAttempts = 5
	}
	if policy.MaxDeliveryAttempts < 5 || policy.MaxDeliveryAttempts > 100 {
		return invalid("max_delivery_attempts is %d; it must be between 5 and 100.", policy.MaxDeliveryAttempts)
	}
	return nil
}

// https://cloud.google.com/pubsub/docs/subscription-retry-policy
func checkRetry(policy *pubsubpb.RetryPolicy) error {
	if policy == nil {
		return nil
	}
	if policy.MinimumBackoff == nil {
		policy.MinimumBackoff = durationpb.New(10 * time.Second)
	}
	if policy.MaximumBackoff == nil {
		policy.MaximumBackoff = durationpb.New(600 * time.Second)
	}
	least, most := policy.MinimumBackoff.AsDuration(), policy.MaximumBackoff.AsDuration()
	if least < 0 || most > 600*time.Second || least > most {
		return invalid("The backoff must be between 0 and 600 seconds, the minimum not above the maximum.")
	}
	return nil
}
