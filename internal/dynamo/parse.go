package dynamo

import (
	_ "embed"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A node is a part of an expression: an attribute, a value, or an operator or
// function with operands.
type node struct {
	op      string // "path", "value", "AND", "OR", "NOT", "IN", "BETWEEN", "+", "-", a comparator or a function's name
	path    path
	value   value
	args    []*node
	wrapped bool // in parentheses
}

// A path leads to an attribute: a name, and names and indexes within it.
type path []step

// A step is a name, or an index if the name is empty.
type step struct {
	name  string
	index int
}

func (p path) String() string {
	texts := make([]string, len(p))
	for i, s := range p {
		if texts[i] = s.name; s.name == "" {
			texts[i] = "[" + strconv.Itoa(s.index) + "]"
		}
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// A scope has a request's names and values for all of its expressions.
type scope struct {
	names  map[string]string
	values item
	used   map[string]bool
}

// A parser reads one expression. After its first error it is at the end.
type parser struct {
	*scope
	kind   string // "ConditionExpression", …
	text   string
	tokens [][2]int // from, to; the last is the end
	at     int
	err    error
}

// Attributes' names begin with a letter; others need a #placeholder ("Expression
// attribute names").
var tokenForm = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_]*|[#:][A-Za-z0-9_]+|[0-9]+|<>|<=|>=|\S`)

// reserved are DynamoDB's reserved words, in capitals ("Reserved words in DynamoDB").
//
//go:embed reserved.txt
var reserved string

const (
	end           = "<EOF>"
	maxExpression = 4096
	maxOperands   = 100 // of IN
)

func (s *scope) parser(kind, text string) *parser {
	p := &parser{scope: s, kind: kind, text: text}
	for _, at := range tokenForm.FindAllStringIndex(text, -1) {
		p.tokens = append(p.tokens, [2]int(at))
	}
	p.tokens = append(p.tokens, [2]int{len(text), len(text)})
	if strings.TrimSpace(text) == "" {
		p.fail("The expression can not be empty;")
	} else if len(text) > maxExpression {
		p.fail("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	}
	return p
}

func (p *parser) fail(format string, args ...any) *node {
	if p.err == nil {
		p.err = invalid("Invalid "+p.kind+": "+format, args...)
	}
	p.at = len(p.tokens) - 1
	return &node{op: "value"}
}

func (p *parser) syntax() *node {
	near := p.text[p.tokens[max(p.at-1, 0)][0]:p.tokens[min(p.at+1, len(p.tokens)-1)][1]]
	return p.fail("Syntax error; token: \"%s\", near: \"%s\"", p.peek(), strings.TrimSpace(near))
}

func (p *parser) peek() string { return p.token(p.at) }

func (p *parser) token(i int) string {
	if i >= len(p.tokens)-1 {
		return end
	}
	return p.text[p.tokens[i][0]:p.tokens[i][1]]
}

func (p *parser) next() { p.at = min(p.at+1, len(p.tokens)-1) }

// accept takes the next token if it is one of these, and returns it. Keywords may be
// in small letters.
func (p *parser) accept(tokens ...string) string {
	for _, token := range tokens {
		if strings.EqualFold(p.peek(), token) {
			p.next()
			return token
		}
	}
	return ""
}

func (p *parser) expect(token string) {
	if p.accept(token) == "" {
		p.syntax()
	}
}

// all reads things until there is no comma.
func (p *parser) all(read func()) {
	for again := true; again; again = p.accept(",") != "" {
		read()
	}
}

func (p *parser) finish() error {
	if p.peek() != end {
		p.syntax()
	}
	return p.err
}

// condition reads a ConditionExpression, FilterExpression or KeyConditionExpression.
func (s *scope) condition(kind, text string) (*node, error) {
	p := s.parser(kind, text)
	n := p.mustHold(p.or())
	return n, p.finish()
}

// projection reads a ProjectionExpression.
func (s *scope) projection(text string) (paths []path, err error) {
	p := s.parser("ProjectionExpression", text)
	p.all(func() { paths = append(paths, p.path()) })
	if p.finish() == nil {
		p.apart(paths)
	}
	return paths, p.err
}

// mustHold checks that a node is a condition, not an operand.
func (p *parser) mustHold(n *node) *node {
	if p.err == nil && !n.isCondition() {
		if n.op == "size" {
			return p.fail("The function is not allowed to be used this way in an expression; function: size")
		}
		return p.syntax()
	}
	return n
}

func (p *parser) or() *node  { return p.joined("OR", p.and) }
func (p *parser) and() *node { return p.joined("AND", p.not) }

func (p *parser) joined(op string, operand func() *node) *node {
	n := operand()
	for strings.EqualFold(p.peek(), op) {
		p.mustHold(n)
		p.next()
		n = &node{op: op, args: []*node{n, p.mustHold(operand())}}
	}
	return n
}

func (p *parser) not() *node {
	if p.accept("NOT") != "" {
		return &node{op: "NOT", args: []*node{p.mustHold(p.not())}}
	}
	return p.comparison()
}

func (p *parser) comparison() *node {
	n := p.operand(p.or)
	if n.isCondition() {
		return n
	}
	op := p.accept("=", "<>", "<=", "<", ">=", ">", "BETWEEN", "IN")
	args := []*node{n}
	add := func() { args = append(args, p.operand(p.or)) }
	switch op {
	case "":
		return n
	case "BETWEEN":
		add()
		p.expect("AND")
		add()
	case "IN":
		p.expect("(")
		p.all(add)
		p.expect(")")
		if len(args) > maxOperands+1 {
			return p.fail("The IN operator is provided with too many operands; number of operands: %d", len(args)-1)
		}
	default:
		add()
	}
	return p.checked(&node{op: op, args: args})
}

// operand reads a value, a path, a function, or in parentheses what inner reads.
func (p *parser) operand(inner func() *node) *node {
	token := p.peek()
	switch {
	case p.accept("(") != "":
		n := inner()
		p.expect(")")
		if n.wrapped {
			return p.fail("The expression has redundant parentheses;")
		}
		n.wrapped = true
		return n
	case strings.HasPrefix(token, ":") && token != ":":
		p.next()
		v, known := p.values[token]
		if !known {
			return p.fail("An expression attribute value used in expression is not defined; attribute value: %s", token)
		}
		p.used[token] = true
		return &node{op: "value", value: v}
	case p.token(p.at+1) == "(" && letters(token):
		p.next()
		return p.function(token, inner)
	}
	return &node{op: "path", path: p.path()}
}

func letters(token string) bool { return token[0]|0x20 >= 'a' && token[0]|0x20 <= 'z' }

func (p *parser) path() path {
	read := path{{name: p.name()}}
	for {
		switch p.accept(".", "[") {
		case ".":
			read = append(read, step{name: p.name()})
		case "[":
			index, err := strconv.Atoi(p.peek())
			if err != nil {
				p.syntax()
			}
			p.next()
			p.expect("]")
			read = append(read, step{index: index})
		default:
			return read
		}
	}
}

func (p *parser) name() string {
	token := p.peek()
	switch upper := strings.ToUpper(token); {
	case strings.HasPrefix(token, "#") && token != "#":
		name, known := p.names[token]
		if !known {
			p.fail("An expression attribute name used in the document path is not defined; attribute name: %s", token)
		}
		p.used[token] = true
		token = name
	case token == end || !letters(token) || slices.Contains([]string{"AND", "OR", "NOT", "BETWEEN", "IN"}, upper):
		p.syntax()
	case strings.Contains("\n"+reserved, "\n"+upper+"\n"):
		p.fail("Attribute name is a reserved keyword; reserved keyword: %s", token)
	}
	p.next()
	return token
}

// apart checks that no path leads into another.
func (p *parser) apart(paths []path) {
	for i, one := range paths {
		for _, other := range paths[:i] {
			n := 0 // how many steps they have in common
			for n < min(len(one), len(other)) && one[n] == other[n] {
				n++
			}
			switch {
			case n == len(one) || n == len(other):
				p.fail("Two document paths overlap with each other; must remove or rewrite one of these paths; path one: %v, path two: %v", other, one)
			case (one[n].name == "") != (other[n].name == ""):
				p.fail("Two document paths conflict with each other; must remove or rewrite one of these paths; path one: %v, path two: %v", other, one)
			}
		}
	}
}
