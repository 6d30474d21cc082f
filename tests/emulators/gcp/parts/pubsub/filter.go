package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// filter tells whether a subscription gets a message with these attributes.
type filter func(attributes map[string]string) bool

// bareKey is how a key is written without quotes.
var bareKey = regexp.MustCompile(`^[A-Za-z0-9_-]+`)

// parser reads the language of filters. pstest's own takes keys without quotes only, and much that the cloud refuses.
// https://cloud.google.com/pubsub/docs/subscription-message-filter#filtering_syntax
type parser struct{ rest string }

func parseFilter(text string) (filter, error) {
	if text == "" {
		return func(map[string]string) bool { return true }, nil
	}
	p := &parser{text}
	found, err := p.expression()
	if err == nil && p.peek() != "" {
		err = fmt.Errorf("%q is too much", p.rest)
	}
	if err != nil {
		return nil, invalid("The filter is not valid: %v.", err)
	}
	return found, nil
}

func (p *parser) peek() string {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	return p.rest
}

// take reads a sign, or says that it is not there.
func (p *parser) take(sign string) bool {
	if !strings.HasPrefix(p.peek(), sign) {
		return false
	}
	p.rest = p.rest[len(sign):]
	return true
}

// word is take for what must not go on as a longer word.
func (p *parser) word(name string) bool {
	if bareKey.FindString(p.peek()) != name {
		return false
	}
	return p.take(name)
}

func (p *parser) expect(sign string) error {
	if !p.take(sign) {
		return fmt.Errorf("%q is missing before %q", sign, p.rest)
	}
	return nil
}

// expression is one kind of operator at a time: AND and OR together need parentheses.
func (p *parser) expression() (filter, error) {
	left, err := p.negation()
	if err != nil {
		return nil, err
	}
	isAnd := p.word("AND")
	if !isAnd && !p.word("OR") {
		return left, nil
	}
	operator := map[bool]string{true: "AND", false: "OR"}[isAnd]
	for more := true; more; more = p.word(operator) {
		right, err := p.negation()
		if err != nil {
			return nil, err
		}
		left = joined(left, right, isAnd)
	}
	return left, nil
}

func joined(left, right filter, both bool) filter {
	if both {
		return func(a map[string]string) bool { return left(a) && right(a) }
	}
	return func(a map[string]string) bool { return left(a) || right(a) }
}

func (p *parser) negation() (filter, error) {
	if p.word("NOT") || p.take("-") {
		inner, err := p.negation()
		return func(a map[string]string) bool { return !inner(a) }, err
	}
	if p.take("(") {
		inner, err := p.expression()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	}
	if p.word("hasPrefix") {
		return p.prefix()
	}
	return p.comparison()
}

func (p *parser) prefix() (filter, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	if err := p.expect("attributes."); err != nil {
		return nil, err
	}
	key, err := p.key()
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	start, err := p.literal()
	if err != nil {
		return nil, err
	}
	return func(a map[string]string) bool {
		value, there := a[key]
		return there && strings.HasPrefix(value, start)
	}, p.expect(")")
}

func (p *parser) comparison() (filter, error) {
	if err := p.expect("attributes"); err != nil {
		return nil, err
	}
	if p.take(":") {
		key, err := p.key()
		return func(a map[string]string) bool { _, there := a[key]; return there }, err
	}
	if err := p.expect("."); err != nil {
		return nil, err
	}
	key, err := p.key()
	if err != nil {
		return nil, err
	}
	differs := p.take("!=")
	if !differs {
		if err := p.expect("="); err != nil {
			return nil, err
		}
	}
	value, err := p.literal()
	return func(a map[string]string) bool {
		found, there := a[key]
		return (there && found == value) != differs
	}, err
}

func (p *parser) key() (string, error) {
	if key := bareKey.FindString(p.peek()); key != "" {
		p.rest = p.rest[len(key):]
		return key, nil
	}
	return p.literal()
}

func (p *parser) literal() (string, error) {
	quoted, err := strconv.QuotedPrefix(p.peek())
	if err != nil || quoted[0] != '"' {
		return "", fmt.Errorf("a string in quotes is missing before %q", p.rest)
	}
	p.rest = p.rest[len(quoted):]
	return strconv.Unquote(quoted)
}
