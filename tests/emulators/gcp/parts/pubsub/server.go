package main

import (
	"context"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// maxRequest is what a request may have, with room above Pub/Sub's own 10 MB so that this is refused as the cloud does.
const maxRequest = 32 << 20

// server is pstest with a delivery of its own. Topics, schemas and the fan-out to subscriptions are pstest's;
// what it hands to a subscription is taken out at once into a queue, which keeps leases, order, backoff and attempts.
type server struct {
	pubsubpb.UnimplementedPublisherServer
	pubsubpb.UnimplementedSubscriberServer

	patience time.Duration // how long a pull waits for a first message
	fake     *pstest.GServer
	forget   func() // drops what pstest keeps of published messages

	mu     sync.Mutex
	queues map[string]*queue // by the subscription's name
}

func newServer(patience time.Duration) *grpc.Server {
	fake := pstest.NewServer()
	own := &server{patience: patience, fake: &fake.GServer, forget: fake.ClearMessages, queues: map[string]*queue{}}
	outer := grpc.NewServer(
		grpc.MaxRecvMsgSize(maxRequest), grpc.MaxSendMsgSize(maxRequest), grpc.UnaryInterceptor(survive))
	pubsubpb.RegisterPublisherServer(outer, own)
	pubsubpb.RegisterSubscriberServer(outer, own)
	pubsubpb.RegisterSchemaServiceServer(outer, &fake.GServer)
	return outer
}

// survive answers a request for which pstest panics, as it does where part of one is missing.
func survive(
	ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler,
) (reply any, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = invalid("The request is not complete: %v", problem)
		}
	}()
	return handle(ctx, request)
}

func (s *server) CreateTopic(ctx context.Context, topic *pubsubpb.Topic) (*pubsubpb.Topic, error) {
	if err := checkName(topic.Name, "topics"); err != nil {
		return nil, err
	}
	return s.fake.CreateTopic(ctx, topic)
}

func (s *server) GetTopic(ctx context.Context, r *pubsubpb.GetTopicRequest) (*pubsubpb.Topic, error) {
	return s.fake.GetTopic(ctx, r)
}

func (s *server) UpdateTopic(ctx context.Context, r *pubsubpb.UpdateTopicRequest) (*pubsubpb.Topic, error) {
	return s.fake.UpdateTopic(ctx, r)
}

func (s *server) ListTopics(ctx context.Context, r *pubsubpb.ListTopicsRequest) (*pubsubpb.ListTopicsResponse, error) {
	return s.fake.ListTopics(ctx, &pubsubpb.ListTopicsRequest{
		Project: strings.TrimSuffix(r.Project, "/") + "/", PageSize: r.PageSize, PageToken: r.PageToken,
	})
}

func (s *server) ListTopicSubscriptions(
	ctx context.Context, r *pubsubpb.ListTopicSubscriptionsRequest,
) (*pubsubpb.ListTopicSubscriptionsResponse, error) {
	if _, err := s.fake.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: r.Topic}); err != nil {
		return nil, err
	}
	return s.fake.ListTopicSubscriptions(ctx, r)
}

// DeleteTopic leaves its subscriptions with what they have not acknowledged.
// https://cloud.google.com/pubsub/docs/delete-topic
func (s *server) DeleteTopic(ctx context.Context, r *pubsubpb.DeleteTopicRequest) (*emptypb.Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply, err := s.fake.DeleteTopic(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, q := range s.queues {
		if q.config.Topic == r.Topic {
			q.config.Topic = "_deleted-topic_"
		}
	}
	return reply, nil
}

func (s *server) Publish(_ context.Context, r *pubsubpb.PublishRequest) (*pubsubpb.PublishResponse, error) {
	if err := checkPublish(r); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ids, err := s.publish(r.Topic, r.Messages)
	if err != nil {
		return nil, err
	}
	return &pubsubpb.PublishResponse{MessageIds: ids}, nil
}

// publish hands messages to pstest and takes what it gives to each subscription into its queue. The lock is held.
func (s *server) publish(topic string, messages []*pubsubpb.PubsubMessage) ([]string, error) {
	ctx := context.Background()
	if _, err := s.fake.Publish(ctx, &pubsubpb.PublishRequest{Topic: topic, Messages: messages}); err != nil {
		return nil, err
	}
	for name, q := range s.queues {
		if q.config.Topic != topic || q.config.Detached {
			continue
		}
		for _, message := range s.take(ctx, name) {
			q.add(message)
		}
	}
	s.forget()
	ids := make([]string, len(messages))
	for i, message := range messages {
		message.MessageId = numbered(message.MessageId)
		ids[i] = message.MessageId
	}
	return ids, nil
}

// take empties pstest's own subscription, in the order in which its messages were published.
func (s *server) take(ctx context.Context, name string) []*pubsubpb.PubsubMessage {
	pull := &pubsubpb.PullRequest{Subscription: name, MaxMessages: maxMessages, ReturnImmediately: true} //nolint:staticcheck
	reply, err := s.fake.Pull(ctx, pull)
	if err != nil {
		return nil
	}
	messages := make([]*pubsubpb.PubsubMessage, 0, len(reply.ReceivedMessages))
	for _, received := range reply.ReceivedMessages {
		messages = append(messages, received.Message)
	}
	sort.Slice(messages, func(i, j int) bool { return number(messages[i].MessageId) < number(messages[j].MessageId) })
	return messages
}

// number returns the place of a message among all that pstest has published: it names them m0, m1, ...
func number(id string) int {
	place, _ := strconv.Atoi(strings.TrimPrefix(id, "m"))
	return place
}

// numbered returns an id as the cloud has them: decimal digits.
func numbered(id string) string {
	return strconv.Itoa(10_000_000_000_000_000 + number(id))
}

// find returns a subscription that can be pulled from, or the error that the cloud answers with. The lock is held.
func (s *server) find(name string) (*queue, error) {
	q, ok := s.queues[name]
	if !ok {
		return nil, missing(name)
	}
	return q, nil
}

// attached is find, without the subscriptions that were detached from their topic.
// https://cloud.google.com/pubsub/docs/detach-subscriptions
func (s *server) attached(name string) (*queue, error) {
	q, err := s.find(name)
	if err == nil && q.config.Detached {
		return nil, detached(name)
	}
	return q, err
}

func detached(name string) error {
	return status.Errorf(codes.FailedPrecondition, "The subscription %s is detached.", name)
}

func missing(name string) error {
	return status.Errorf(codes.NotFound, "Resource not found (resource=%s).", name)
}

// settle ends whatever changed a queue: what it gave up on goes to its dead-letter topic. The lock is held.
func (s *server) settle(q *queue, changed bool) {
	dead := q.dead
	q.dead = nil
	for _, m := range dead {
		letter := deadLetter(q.config, m)
		if _, err := s.publish(q.config.DeadLetterPolicy.DeadLetterTopic, []*pubsubpb.PubsubMessage{letter}); err != nil {
			m.state = waiting // nobody takes it: it stays where it is
		}
	}
	if changed || len(dead) > 0 {
		q.clean()
	}
}
