package main

import (
	"math"
	"slices"
	"strconv"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

type state int

const (
	waiting state = iota
	leased
	acked
)

// message is one message as one subscription sees it: pstest counts deliveries of all subscriptions together.
type message struct {
	body     *pubsubpb.PubsubMessage
	state    state
	ackID    string    // of the last lease, until a negative acknowledgement
	due      time.Time // leased: when the lease ends; waiting: when it may be delivered
	failures int       // negative acknowledgements and ended leases
	attempts int       // the same, counted only while there is a dead-letter policy
	holder   *stream   // nil for a unary pull
}

// queue is what a subscription has to deliver, in the order of publishing.
type queue struct {
	config   *pubsubpb.Subscription
	wanted   filter
	messages []*message
	history  []*message // acknowledged, kept for a seek
	byAckID  map[string]*message
	dead     []*message // for the dead-letter topic
	leases   int
	gone     error         // with which its streams end
	changed  chan struct{} // closed when there may be something to deliver
}

func newQueue(config *pubsubpb.Subscription, wanted filter) *queue {
	return &queue{config: config, wanted: wanted, byAckID: map[string]*message{}, changed: make(chan struct{})}
}

func (q *queue) add(body *pubsubpb.PubsubMessage) {
	if !q.wanted(body.Attributes) {
		return
	}
	q.messages = append(q.messages, &message{body: body})
	q.wake()
}

func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

func (q *queue) key(m *message) string {
	if q.config.EnableMessageOrdering {
		return m.body.OrderingKey
	}
	return ""
}

// lease returns the messages that can go out now to one pull or stream, at most count and bytes of them, and the next
// time at which there may be more.
//
// Of one ordering key, a pull gets nothing while others of the key are out, so that one batch is out at a time; a stream
// gets more of what it has itself. https://cloud.google.com/pubsub/docs/ordering#receive-messages-in-order
func (q *queue) lease(now time.Time, count, bytes int, deadline time.Duration, to *stream) ([]*message, time.Time) {
	q.expire(now)
	var out []*message
	var next time.Time
	held, full := map[string]bool{}, false
	for _, m := range q.messages {
		key := q.key(m)
		switch {
		case m.state == acked:
			continue
		case m.state == leased:
			next = earliest(next, m.due)
			held[key] = held[key] || to == nil || m.holder != to
			continue
		case full || key != "" && held[key]:
			continue
		case m.due.After(now):
			next = earliest(next, m.due)
			held[key] = true
			continue
		}
		if bytes -= size(m.body); len(out) == count || (bytes < 0 && len(out) > 0) {
			full = true
			continue
		}
		q.hand(m, now.Add(deadline), to)
		out = append(out, m)
		next = earliest(next, m.due)
	}
	return out, next
}

func (q *queue) hand(m *message, due time.Time, to *stream) {
	delete(q.byAckID, m.ackID)
	q.leases++
	m.ackID = m.body.MessageId + "-" + strconv.Itoa(q.leases)
	m.state, m.due, m.holder = leased, due, to
	q.byAckID[m.ackID] = m
	to.took(m)
}

// expire ends the leases whose time is over, and drops what was kept for longer than the retention.
func (q *queue) expire(now time.Time) {
	for _, m := range slices.Clone(q.messages) {
		if m.state == leased && m.due.Before(now) {
			q.fail(m, now)
		}
	}
	oldest := now.Add(-q.config.MessageRetentionDuration.AsDuration())
	young := func(m *message) bool { return m.body.PublishTime.AsTime().After(oldest) }
	if len(q.messages) > 0 && !young(q.messages[0]) {
		q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return m.state != leased && !young(m) })
	}
	q.history = slices.DeleteFunc(q.history, func(m *message) bool { return !q.retained(m, now) })
}

// retained is whether a seek can bring back what was acknowledged: as long as the subscription retains it, or the topic.
// https://cloud.google.com/pubsub/docs/replay-overview#configuring_message_retention
func (q *queue) retained(m *message, now time.Time) bool {
	longest := q.config.TopicMessageRetentionDuration.AsDuration()
	if q.config.RetainAckedMessages {
		longest = max(longest, q.config.MessageRetentionDuration.AsDuration())
	}
	return m.body.PublishTime.AsTime().After(now.Add(-longest))
}

// ack ends a message. One whose lease is over can still be acknowledged until it is delivered again.
// https://cloud.google.com/pubsub/docs/lease-management
func (q *queue) ack(id string) bool {
	m, ok := q.byAckID[id]
	if !ok {
		return false
	}
	q.release(m, acked)
	delete(q.byAckID, id)
	return true
}

// extend gives a lease more time from now on.
func (q *queue) extend(id string, by time.Duration, now time.Time) bool {
	m, ok := q.byAckID[id]
	if !ok || m.state != leased {
		return false
	}
	m.due = now.Add(by)
	return true
}

// nack gives a message back.
func (q *queue) nack(id string, now time.Time) bool {
	m, ok := q.byAckID[id]
	if !ok || m.state != leased {
		return false
	}
	q.fail(m, now)
	delete(q.byAckID, id)
	return true
}

// fail counts an attempt that did not work: the message waits for its backoff, or goes to the dead letters, and all that
// came after it with the same ordering key is delivered again, acknowledged or not.
// https://cloud.google.com/pubsub/docs/ordering#considerations_when_using_ordered_messaging
func (q *queue) fail(m *message, now time.Time) {
	q.release(m, waiting)
	m.failures++
	m.due = now.Add(backoff(q.config.RetryPolicy, m.failures))
	if policy := q.config.DeadLetterPolicy; policy != nil {
		m.attempts++
		if m.attempts >= int(policy.MaxDeliveryAttempts) {
			q.dead = append(q.dead, m)
			delete(q.byAckID, m.ackID)
			m.state = acked
			return
		}
	}
	if key := q.key(m); key != "" {
		q.again(key, slices.Index(q.messages, m)+1)
	}
}

// again makes all of an ordering key wait, from a place on.
func (q *queue) again(key string, from int) {
	for _, m := range q.messages[from:] {
		if m.body.OrderingKey == key {
			delete(q.byAckID, m.ackID)
			q.release(m, waiting)
		}
	}
}

func (q *queue) release(m *message, to state) {
	if m.state == leased {
		m.holder.gave(m)
	}
	m.state, m.holder, m.due = to, nil, time.Time{}
}

// clean drops the acknowledged messages that no earlier one of their ordering key can bring back. It ends every change.
func (q *queue) clean() {
	open := map[string]bool{}
	q.messages = slices.DeleteFunc(q.messages, func(m *message) bool {
		key := q.key(m)
		if m.state != acked {
			open[key] = key != ""
			return false
		}
		if open[key] {
			return false
		}
		if q.config.RetainAckedMessages || q.config.TopicMessageRetentionDuration != nil {
			q.history = append(q.history, m)
		}
		return true
	})
	q.wake()
}

// seek acknowledges what was published before a time, and brings back what is retained of all after it.
// https://cloud.google.com/pubsub/docs/replay-overview
func (q *queue) seek(target time.Time) {
	for _, m := range q.messages {
		if m.body.PublishTime.AsTime().Before(target) {
			delete(q.byAckID, m.ackID)
			q.release(m, acked)
		}
	}
	q.clean()
	kept := q.history
	q.history = nil
	for _, m := range kept {
		if m.body.PublishTime.AsTime().Before(target) {
			q.history = append(q.history, m)
		} else {
			q.messages = append(q.messages, &message{body: m.body})
		}
	}
	slices.SortStableFunc(q.messages, func(a, b *message) int { return number(a.body.MessageId) - number(b.body.MessageId) })
	q.wake()
}

// backoff returns how long a message waits after its n-th failure. Without a policy it comes back at once.
// https://cloud.google.com/pubsub/docs/subscription-retry-policy
func backoff(policy *pubsubpb.RetryPolicy, failures int) time.Duration {
	if policy == nil {
		return 0
	}
	least, most := policy.MinimumBackoff.AsDuration(), policy.MaximumBackoff.AsDuration()
	return time.Duration(min(float64(most), float64(least)*math.Pow(2, float64(failures-1))))
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// deadLetter wraps a message as the cloud forwards it.
// https://cloud.google.com/pubsub/docs/handling-failures#how_dead_letter_topics_work
func deadLetter(config *pubsubpb.Subscription, m *message) *pubsubpb.PubsubMessage {
	project, name := splitName(config.Name)
	attributes := map[string]string{
		"CloudPubSubDeadLetterSourceDeliveryCount":       strconv.Itoa(m.attempts),
		"CloudPubSubDeadLetterSourceSubscription":        name,
		"CloudPubSubDeadLetterSourceSubscriptionProject": project,
		"CloudPubSubDeadLetterSourceTopicPublishTime":    m.body.PublishTime.AsTime().Format(time.RFC3339Nano),
	}
	for key, value := range m.body.Attributes {
		attributes[key] = value
	}
	return &pubsubpb.PubsubMessage{Data: m.body.Data, Attributes: attributes, OrderingKey: m.body.OrderingKey}
}
