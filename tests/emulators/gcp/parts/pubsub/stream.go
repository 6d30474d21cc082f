package main

import (
	"errors"
	"io"
	"math"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/status"
)

// maxBatch is how many messages one answer of a stream has at most.
const maxBatch = 100

// stream is one streaming pull, and what it has out: its client says how much it wants at once.
// https://cloud.google.com/pubsub/docs/flow-control-messages
type stream struct {
	queue    *queue
	grpc     pubsubpb.Subscriber_StreamingPullServer
	deadline time.Duration
	messages int // how many more it wants
	bytes    int
}

func (st *stream) took(m *message) {
	if st != nil {
		st.messages--
		st.bytes -= size(m.body)
	}
}

func (st *stream) gave(m *message) {
	if st != nil {
		st.messages++
		st.bytes += size(m.body)
	}
}

func (s *server) StreamingPull(pull pubsubpb.Subscriber_StreamingPullServer) error {
	first, err := pull.Recv()
	if err != nil {
		return err
	}
	st, err := s.open(pull, first)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- s.listen(st, first) }()
	for {
		reply, wait, err := s.next(st)
		if err != nil {
			return err
		}
		if len(reply.ReceivedMessages) > 0 {
			if err := pull.Send(reply); err != nil {
				return err
			}
			continue
		}
		select {
		case err := <-failed:
			return err
		case <-pull.Context().Done():
			return status.FromContextError(pull.Context().Err()).Err()
		case <-wait.changed:
		case <-wait.timer():
		}
	}
}

func (s *server) open(
	pull pubsubpb.Subscriber_StreamingPullServer, first *pubsubpb.StreamingPullRequest,
) (*stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.attached(first.Subscription)
	if err != nil {
		return nil, err
	}
	if first.StreamAckDeadlineSeconds < 10 || first.StreamAckDeadlineSeconds > 600 {
		return nil, invalid("stream_ack_deadline_seconds must be between 10 and 600.")
	}
	st := &stream{queue: q, grpc: pull, messages: math.MaxInt, bytes: math.MaxInt}
	if first.MaxOutstandingMessages > 0 {
		st.messages = int(first.MaxOutstandingMessages)
	}
	if first.MaxOutstandingBytes > 0 {
		st.bytes = int(first.MaxOutstandingBytes)
	}
	st.deadline = time.Duration(first.StreamAckDeadlineSeconds) * time.Second
	return st, nil
}

// listen takes in what the client says about the messages it has, until it says nothing more.
func (s *server) listen(st *stream, request *pubsubpb.StreamingPullRequest) error {
	for {
		s.hear(st, request)
		var err error
		if request, err = st.grpc.Recv(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if len(request.ModifyDeadlineAckIds) != len(request.ModifyDeadlineSeconds) {
			return invalid("modify_deadline_ack_ids and modify_deadline_seconds differ in length.")
		}
	}
}

func (s *server) hear(st *stream, r *pubsubpb.StreamingPullRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := st.queue
	q.expire(time.Now())
	for _, id := range r.AckIds {
		q.ack(id)
	}
	s.modify(q, r.ModifyDeadlineAckIds, func(i int) int32 { return r.ModifyDeadlineSeconds[i] })
	if r.StreamAckDeadlineSeconds > 0 {
		st.deadline = time.Duration(r.StreamAckDeadlineSeconds) * time.Second
	}
}

func (s *server) next(st *stream) (*pubsubpb.StreamingPullResponse, wait, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := st.queue
	if q.gone != nil {
		return nil, wait{}, q.gone
	}
	count := min(st.messages, maxBatch)
	if st.bytes <= 0 {
		count = 0
	}
	messages, next := q.lease(time.Now(), count, min(st.bytes, maxBytes), st.deadline, st)
	s.settle(q, false)
	reply := &pubsubpb.StreamingPullResponse{
		ReceivedMessages: received(q, messages),
		SubscriptionProperties: &pubsubpb.StreamingPullResponse_SubscriptionProperties{
			ExactlyOnceDeliveryEnabled: q.config.EnableExactlyOnceDelivery,
			MessageOrderingEnabled:     q.config.EnableMessageOrdering,
		},
	}
	return reply, wait{q.changed, next}, nil
}
