// Package docs follows the documents as a reader would: it types their commands
// and compares what they print. A document that lies fails a test.
//
// # What is followed
//
// The first words of a fenced block say what it is:
//
//	console          commands, each behind "$ ", and below each what it prints
//	console fails    the same, and each exits with a code other than 0
//	console server   one command that keeps running, until the next server or the end;
//	                 what it prints first
//	console log      what the server has printed since the last block about it
//	console cloud    commands for an AWS account: followed if SAM and a mock of AWS
//	                 are installed. Each question is answered with yes
//	console sam      commands for the SAM CLI and Docker, in README.md: e2e/sam
//	                 types them
//	console apart    commands that no test can run; unfollowed_test.go says why
//	go file=PATH     a file that the reader writes, and that the paragraph before
//	                 names; packages must pass go vet before the next command, unless
//	                 that is "go mod", which may get what they import
//	go part=PATH     lines of a file, exactly
//	go lines=PATH    lines of a file, not necessarily adjacent
//	diff             a change that the reader makes, for git apply
//	yaml             an addition to the template; e2e/cloud inserts it
//
// In place of go, yaml, python and json are possible. A block without a language
// is a picture. Blocks in another language, go without any of these, and indented
// blocks without a fence are mistakes.
//
// A command may continue on the next line after a backslash. "cd" is understood,
// and 127.0.0.1:3000 or localhost:3000, or the port that --port names, leads to
// where the server listens.
//
// # What is equal
//
// The output must be equal except for
//
//	...                 on a separate line: any lines, or none
//	words ... words     within a line: any text
//
// and for what differs from day to day, where one example matches all: dates and
// times from 2020 on, UUIDs, seconds as go test prints them, and long base64. A
// line of crumb start that it is compiling is not compared.
package docs

import (
	"fmt"
	"strings"
)

// A Block is a fenced block of a document.
type Block struct {
	Line  int    // of its fence
	Lang  string // "console"
	Word  string // "fails", "server", "log", "cloud", "sam", "apart", "file", "part" or "lines"
	Path  string // of the last three
	Lines []string
}

var words = map[string][]string{
	"console": {"", "fails", "server", "log", "cloud", "sam", "apart"},
	"go":      {"file", "part", "lines"},
	"yaml":    {"", "file", "part"},
	"json":    {"file", "part"},
	"python":  {"file", "part"},
	"diff":    {""},
	"":        {""},
}

// Parse returns the fenced blocks of a document in Markdown.
func Parse(text string) ([]Block, error) {
	var blocks []Block
	var open *Block
	var paragraph string // the last line of the paragraph before
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			b, err := newBlock(number, info)
			if err != nil {
				return nil, err
			}
			if b.Word == "file" && !strings.Contains(paragraph, "`"+b.Path+"`") {
				return nil, fmt.Errorf("%d: the paragraph before does not name %s", number, b.Path)
			}
			open = &b
		case fence:
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.Lines = append(open.Lines, line)
		case strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t"):
			return nil, fmt.Errorf("%d: a block has a fence", number)
		case line != "":
			paragraph = line
		}
	}
	if open != nil {
		return nil, fmt.Errorf("%d: the block is not closed", open.Line)
	}
	return blocks, nil
}

func newBlock(line int, info string) (Block, error) {
	b := Block{Line: line}
	b.Lang, info, _ = strings.Cut(info, " ")
	b.Word, b.Path, _ = strings.Cut(info, "=")
	for _, word := range words[b.Lang] {
		if b.Word == word && (b.Path != "") == (word == "file" || word == "part" || word == "lines") {
			return b, nil
		}
	}
	return b, fmt.Errorf("%d: a block of %q with %q: the package comment says what there is", line, b.Lang, info)
}

// Text returns the block's lines.
func (b Block) Text() string { return strings.Join(b.Lines, "\n") + "\n" }

// A Command is what a reader types, and what the document says it prints.
type Command struct {
	Line   int
	Text   string
	Output string
}

// Commands returns those of a console block.
func (b Block) Commands() ([]Command, error) {
	if len(b.Lines) == 0 || !strings.HasPrefix(b.Lines[0], "$ ") {
		return nil, fmt.Errorf("%d: the block does not begin with a command", b.Line)
	}
	var commands []Command
	var last *Command
	for i, line := range b.Lines {
		if text, typed := strings.CutPrefix(line, "$ "); typed {
			commands = append(commands, Command{Line: b.Line + 1 + i, Text: text})
			last = &commands[len(commands)-1]
		} else if strings.HasSuffix(last.Text, `\`) && last.Output == "" {
			last.Text += "\n" + line
		} else {
			last.Output += line + "\n"
		}
	}
	return commands, nil
}
