package main

import (
	"context"
	"sort"
	"strconv"
	"strings"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/emptypb"
)

// fixed are the properties that nobody can change later.
// https://cloud.google.com/pubsub/docs/update-subscription
var fixed = map[string]bool{"name": true, "topic": true, "filter": true, "enable_message_ordering": true}

// CreateSubscription keeps the configuration itself: to pstest goes only of which topic it is, for
// pstest would count attempts of all subscriptions together and give out one message of an ordering key at a time.
func (s *server) CreateSubscription(ctx context.Context, r *pubsubpb.Subscription) (*pubsubpb.Subscription, error) {
	config := proto.Clone(r).(*pubsubpb.Subscription)
	if err := checkName(config.Name, "subscriptions"); err != nil {
		return nil, err
	}
	if err := checkSubscription(config); err != nil {
		return nil, err
	}
	wanted, err := parseFilter(config.Filter)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkDeadLetterTopic(ctx, config); err != nil {
		return nil, err
	}
	inner := proto.Clone(config).(*pubsubpb.Subscription)
	inner.DeadLetterPolicy, inner.RetryPolicy, inner.EnableMessageOrdering, inner.Filter = nil, nil, false, ""
	inner.MessageRetentionDuration = nil // of which pstest allows less than the cloud by now
	made, err := s.fake.CreateSubscription(ctx, inner)
	if err != nil {
		return nil, err
	}
	config.PushConfig = proto.Clone(made.PushConfig).(*pubsubpb.PushConfig)
	config.State = made.State
	config.TopicMessageRetentionDuration = made.TopicMessageRetentionDuration
	s.queues[config.Name] = newQueue(config, wanted)
	return copied(config), nil
}

func (s *server) checkDeadLetterTopic(ctx context.Context, config *pubsubpb.Subscription) error {
	if config.DeadLetterPolicy == nil {
		return nil
	}
	_, err := s.fake.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: config.DeadLetterPolicy.DeadLetterTopic})
	return err
}

func (s *server) GetSubscription(
	_ context.Context, r *pubsubpb.GetSubscriptionRequest,
) (*pubsubpb.Subscription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(r.Subscription)
	if err != nil {
		return nil, err
	}
	return copied(q.config), nil
}

func (s *server) UpdateSubscription(
	ctx context.Context, r *pubsubpb.UpdateSubscriptionRequest,
) (*pubsubpb.Subscription, error) {
	if r.Subscription == nil || len(r.GetUpdateMask().GetPaths()) == 0 {
		return nil, invalid("The update_mask must name at least one field.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(r.Subscription.Name)
	if err != nil {
		return nil, err
	}
	config := copied(q.config)
	for _, path := range r.UpdateMask.Paths {
		if err := replace(config, r.Subscription, path); err != nil {
			return nil, err
		}
	}
	if err := checkSubscription(config); err != nil {
		return nil, err
	}
	if err := s.checkDeadLetterTopic(ctx, config); err != nil {
		return nil, err
	}
	q.config = config
	q.wake()
	return copied(config), nil
}

// replace sets the field that a path of an update mask names, one level deep.
func replace(to, from *pubsubpb.Subscription, path string) error {
	name, _, _ := strings.Cut(path, ".")
	field := to.ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(name))
	if field == nil || fixed[name] {
		return invalid("The field %q cannot be updated.", path)
	}
	if source := from.ProtoReflect(); source.Has(field) {
		to.ProtoReflect().Set(field, source.Get(field))
	} else {
		to.ProtoReflect().Clear(field)
	}
	return nil
}

func (s *server) ModifyPushConfig(
	_ context.Context, r *pubsubpb.ModifyPushConfigRequest,
) (*emptypb.Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(r.Subscription)
	if err != nil {
		return nil, err
	}
	q.config.PushConfig = r.PushConfig
	return &emptypb.Empty{}, nil
}

func (s *server) ListSubscriptions(
	_ context.Context, r *pubsubpb.ListSubscriptionsRequest,
) (*pubsubpb.ListSubscriptionsResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for name := range s.queues {
		if strings.HasPrefix(name, r.Project+"/") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	from, err := strconv.Atoi(r.PageToken)
	if r.PageToken != "" && (err != nil || from < 0) {
		return nil, invalid("The page token is not valid.")
	}
	reply := &pubsubpb.ListSubscriptionsResponse{}
	for i := from; i < len(names); i++ {
		if r.PageSize > 0 && i-from == int(r.PageSize) {
			reply.NextPageToken = strconv.Itoa(i)
			break
		}
		reply.Subscriptions = append(reply.Subscriptions, copied(s.queues[names[i]].config))
	}
	return reply, nil
}

func (s *server) DeleteSubscription(
	ctx context.Context, r *pubsubpb.DeleteSubscriptionRequest,
) (*emptypb.Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(r.Subscription)
	if err != nil {
		return nil, err
	}
	delete(s.queues, r.Subscription)
	q.gone = missing(r.Subscription)
	q.wake()
	return s.fake.DeleteSubscription(ctx, r)
}

// DetachSubscription drops what the subscription has not acknowledged.
// https://cloud.google.com/pubsub/docs/detach-subscriptions
func (s *server) DetachSubscription(
	ctx context.Context, r *pubsubpb.DetachSubscriptionRequest,
) (*pubsubpb.DetachSubscriptionResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(r.Subscription)
	if err != nil {
		return nil, err
	}
	config := copied(q.config)
	config.Detached = true
	q.gone = detached(r.Subscription)
	q.wake()
	s.queues[r.Subscription] = newQueue(config, q.wanted)
	return s.fake.DetachSubscription(ctx, r)
}

// Seek goes to a time. Snapshots there are none.
func (s *server) Seek(_ context.Context, r *pubsubpb.SeekRequest) (*pubsubpb.SeekResponse, error) {
	target, ok := r.Target.(*pubsubpb.SeekRequest_Time)
	if !ok {
		return nil, status.Error(codes.Unimplemented, "This emulator seeks to a time only.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.attached(r.Subscription)
	if err != nil {
		return nil, err
	}
	q.seek(target.Time.AsTime())
	return &pubsubpb.SeekResponse{}, nil
}

func copied(config *pubsubpb.Subscription) *pubsubpb.Subscription {
	return proto.Clone(config).(*pubsubpb.Subscription)
}

// splitName returns the project and the last part of a resource's name.
func splitName(name string) (string, string) {
	parts := strings.Split(name, "/")
	return parts[1], parts[len(parts)-1]
}
