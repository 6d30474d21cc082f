package main

import (
	"context"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// margin is how long before its client's deadline a pull says that it passed. At the deadline gRPC resets the stream,
// which a client whose own timer is behind takes for a cancellation: Google's front end says DEADLINE_EXCEEDED.
const margin = 25 * time.Millisecond

// Pull waits for a first message: for how long is not documented, only that it is bounded and that fewer messages than
// there are may come. https://cloud.google.com/pubsub/docs/pull#unary_pull_code_examples
func (s *server) Pull(ctx context.Context, r *pubsubpb.PullRequest) (*pubsubpb.PullResponse, error) {
	if r.MaxMessages <= 0 {
		return nil, invalid("max_messages is %d; it must be positive.", r.MaxMessages)
	}
	patience := s.patience
	if r.ReturnImmediately { //nolint:staticcheck // it is deprecated, and works
		patience = 0
	}
	ctx, cancel := before(ctx, margin)
	defer cancel()
	limit := time.After(patience)
	for {
		messages, wait, err := s.offer(r)
		if err != nil || len(messages) > 0 {
			return &pubsubpb.PullResponse{ReceivedMessages: messages}, err
		}
		select {
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		case <-limit:
			return &pubsubpb.PullResponse{}, nil
		case <-wait.changed:
		case <-wait.timer():
		}
	}
}

// before returns a context that ends so much earlier than this one, where this one has a deadline.
func before(ctx context.Context, margin time.Duration) (context.Context, context.CancelFunc) {
	deadline, limited := ctx.Deadline()
	if !limited {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-margin))
}

func (s *server) offer(r *pubsubpb.PullRequest) ([]*pubsubpb.ReceivedMessage, wait, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.attached(r.Subscription)
	if err != nil {
		return nil, wait{}, err
	}
	deadline := time.Duration(q.config.AckDeadlineSeconds) * time.Second
	messages, next := q.lease(time.Now(), min(int(r.MaxMessages), maxMessages), maxBytes, deadline, nil)
	s.settle(q, false)
	return received(q, messages), wait{q.changed, next}, nil
}

// wait is until when there can be nothing new: a change, or the end of a lease or of a backoff.
type wait struct {
	changed chan struct{}
	next    time.Time
}

func (w wait) timer() <-chan time.Time {
	if w.next.IsZero() {
		return nil
	}
	return time.After(max(time.Until(w.next)+time.Millisecond, time.Millisecond))
}

// received wraps messages for delivery; attempts are told only where there is a dead-letter policy.
// https://cloud.google.com/pubsub/docs/handling-failures#track-delivery-attempts
func received(q *queue, messages []*message) []*pubsubpb.ReceivedMessage {
	out := make([]*pubsubpb.ReceivedMessage, len(messages))
	for i, m := range messages {
		out[i] = &pubsubpb.ReceivedMessage{AckId: m.ackID, Message: m.body}
		if q.config.DeadLetterPolicy != nil {
			out[i].DeliveryAttempt = int32(m.attempts + 1)
		}
	}
	return out
}

func (s *server) Acknowledge(_ context.Context, r *pubsubpb.AcknowledgeRequest) (*emptypb.Empty, error) {
	if len(r.AckIds) == 0 {
		return nil, invalid("No ack ids specified.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.attached(r.Subscription)
	if err != nil {
		return nil, err
	}
	q.expire(time.Now())
	var stale []string
	for _, id := range r.AckIds {
		if !q.ack(id) {
			stale = append(stale, id)
		}
	}
	s.settle(q, true)
	return &emptypb.Empty{}, late(q, stale)
}

func (s *server) ModifyAckDeadline(
	_ context.Context, r *pubsubpb.ModifyAckDeadlineRequest,
) (*emptypb.Empty, error) {
	if len(r.AckIds) == 0 {
		return nil, invalid("No ack ids specified.")
	}
	if r.AckDeadlineSeconds < 0 || r.AckDeadlineSeconds > 600 {
		return nil, invalid("Invalid ack deadline: %d, it must be between 0 and 600.", r.AckDeadlineSeconds)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.attached(r.Subscription)
	if err != nil {
		return nil, err
	}
	stale := s.modify(q, r.AckIds, func(int) int32 { return r.AckDeadlineSeconds })
	return &emptypb.Empty{}, late(q, stale)
}

// modify extends leases, or gives them back where the seconds are none. The lock is held.
func (s *server) modify(q *queue, ids []string, seconds func(int) int32) []string {
	now := time.Now()
	q.expire(now)
	var stale []string
	for i, id := range ids {
		by := time.Duration(seconds(i)) * time.Second
		known := by == 0 && q.nack(id, now) || by > 0 && q.extend(id, by, now)
		if !known {
			stale = append(stale, id)
		}
	}
	s.settle(q, true)
	return stale
}

// late tells which leases were over, which only a subscription with exactly-once delivery does.
// https://cloud.google.com/pubsub/docs/exactly-once-delivery
func late(q *queue, stale []string) error {
	if !q.config.EnableExactlyOnceDelivery || len(stale) == 0 {
		return nil
	}
	failures := map[string]string{}
	for _, id := range stale {
		failures[id] = "PERMANENT_FAILURE_INVALID_ACK_ID"
	}
	reply := status.New(codes.InvalidArgument, "Some acknowledgement ids in the request were invalid.")
	detailed, err := reply.WithDetails(&errdetails.ErrorInfo{
		Reason: "EXACTLY_ONCE_ACKID_FAILURE", Domain: "pubsub.googleapis.com", Metadata: failures,
	})
	if err != nil {
		return reply.Err()
	}
	return detailed.Err()
}
