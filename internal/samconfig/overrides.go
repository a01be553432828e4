package samconfig

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/joho/godotenv"

	"github.com/crumb-go/crumb/internal/cfn"
)

// ParseOverrides reads parameter values in the format of sam's
// --parameter-overrides. Each text has any number of them, separated by spaces:
//
//	Stage=prod Greeting="Hello there"
//	ParameterKey=Stage,ParameterValue=prod
//	file://params.yaml
//
// Spaces in single or double quotes belong to the value, as does a space or quote
// after a backslash. A file, YAML, TOML or JSON by its name, has such texts, tables
// of names and values, or lists of both. The last value of a name wins. Errors name
// the parameters, but never show a value.
//
// Also returned are the files that were read.
func ParseOverrides(texts ...string) (values map[string]string, files []string, err error) {
	o := overrideReader{values: map[string]string{}}
	for _, text := range texts {
		if err := o.addText("", text); err != nil {
			return nil, nil, fmt.Errorf("sam: %w", err)
		}
	}
	return o.values, o.files, nil
}

// An overrideReader has the parameter values read so far.
type overrideReader struct {
	values map[string]string
	files  []string
	words  int
	last   string // the name before
}

// maxOverrideFiles also ends a file that names itself.
const maxOverrideFiles = 100

// add reads a value of a samconfig, or of a file in dir.
func (o *overrideReader) add(dir string, value any) (err error) {
	switch value := value.(type) {
	case nil:
	case string:
		return o.addText(dir, value)
	case []any:
		for _, item := range value {
			err = cmp.Or(err, o.add(dir, item))
		}
	case map[string]any:
		for name, v := range value {
			o.values[name] = overrideText(v)
		}
	default:
		return errors.New("must be Name=Value strings, or a table of names and values")
	}
	return err
}

// overrideText returns a value of a table as sam does: a list as its items with
// commas between them.
func overrideText(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case []any:
		var texts []string
		for _, item := range value {
			texts = append(texts, overrideText(item))
		}
		return strings.Join(texts, ",")
	}
	return fmt.Sprint(value)
}

func (o *overrideReader) addText(dir, text string) error {
	words, err := splitWords(text)
	if err != nil {
		return err
	}
	for _, word := range words {
		o.words++
		if file, ok := strings.CutPrefix(word, "file://"); ok {
			if err := o.addFile(dir, file); err != nil {
				return err
			}
			continue
		}
		if pair, ok := strings.CutPrefix(word, "ParameterKey="); ok {
			word = strings.Replace(pair, ",ParameterValue=", "=", 1)
		}
		name, value, ok := strings.Cut(word, "=")
		if !ok || name == "" || strings.Contains(name, ",") {
			const neither = "is neither Name=Value nor ParameterKey=Name,ParameterValue=Value"
			if o.last == "" {
				return fmt.Errorf("parameter override %d %s", o.words, neither)
			}
			return fmt.Errorf("parameter override %d, after %s=…, %s; a value with a space needs quotes", o.words, o.last, neither)
		}
		o.values[name], o.last = value, name
	}
	return nil
}

func (o *overrideReader) addFile(dir, file string) error {
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, filepath.FromSlash(file))
	}
	if len(o.files) == maxOverrideFiles {
		return fmt.Errorf("%s is one file:// too many, or names itself", file)
	}
	o.files = append(o.files, file)
	text, err := cfn.ReadFile(file)
	if err != nil {
		return err
	}
	value, err := decode(file, text)
	if err != nil {
		return err
	}
	if err := o.add(filepath.Dir(file), value); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// splitWords splits at white space outside quotes, and removes the quotes.
func splitWords(text string) (words []string, err error) {
	for text = strings.TrimLeft(text, white); text != ""; text = strings.TrimLeft(text, white) {
		var word []byte
		if word, text, err = nextWord(text); err != nil {
			return nil, err
		}
		words = append(words, string(word))
	}
	return words, nil
}

const white = " \t\r\n"

// nextWord returns the first word of text, and the rest.
func nextWord(text string) (word []byte, rest string, err error) {
	quote := byte(0) // the quote that is open; 0: none
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			if i++; strings.IndexByte(` "'`, text[i]) < 0 {
				word = append(word, c)
			}
			word = append(word, text[i])
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && strings.IndexByte(white, c) >= 0:
			return word, text[i:], nil
		default:
			word = append(word, c)
		}
	}
	if quote != 0 {
		return nil, "", fmt.Errorf("the parameter overrides have an unclosed %c", quote)
	}
	return word, "", nil
}

// ReadEnvVars reads a file of environment variables in the format of sam's
// --env-vars, for sam.Options: a JSON object of objects, one for each
// function (its logical id or FunctionName) and one, "Parameters", for all.
// Numbers and booleans become strings, null the empty one. Anything else is read
// as a .env file, whose variables are for all functions.
func ReadEnvVars(file string) (map[string]map[string]string, error) {
	text, err := readFile(file)
	if err != nil {
		return nil, err
	}
	if trimmed := bytes.TrimLeft(text, "\ufeff"+white); !bytes.HasPrefix(trimmed, []byte("{")) && !bytes.HasPrefix(trimmed, []byte("[")) {
		variables, line := readDotenv(strings.TrimPrefix(string(text), "\ufeff"))
		switch {
		case line > 0:
			return nil, &cfn.Error{File: file, Line: line, Text: "is not like NAME=value, and the file is not JSON"}
		case len(variables) == 0:
			return nil, &cfn.Error{File: file, Text: "has neither JSON nor lines like NAME=value"}
		}
		return map[string]map[string]string{"Parameters": variables}, nil
	}
	root, err := cfn.ParseJSON(text)
	if err != nil {
		return nil, cfn.Located(file, err)
	}
	if root.Kind != cfn.Map {
		return nil, &cfn.Error{File: file, Line: root.Line, Text: "must be an object with one object for each function"}
	}
	all := map[string]map[string]string{}
	for _, f := range root.Fields {
		if f.Value.Kind != cfn.Map {
			return nil, &cfn.Error{File: file, Line: f.Line, Text: fmt.Sprintf("%q must be an object of variables, not %s", f.Key, f.Value.Kind)}
		}
		variables := map[string]string{}
		for _, v := range f.Value.Fields {
			if v.Value.Kind == cfn.List || v.Value.Kind == cfn.Map {
				return nil, &cfn.Error{File: file, Line: v.Line, Text: fmt.Sprintf("%q must be a string, not %s", v.Key, v.Value.Kind)}
			}
			variables[v.Key] = v.Value.Text
		}
		all[f.Key] = variables
	}
	return all, nil
}

// readDotenv reads a .env file, or returns the line of its first mistake. The library
// would name no line, and show values.
func readDotenv(text string) (variables map[string]string, line int) {
	lines := strings.SplitAfter(text, "\n")
	for n := len(lines); n > 0; n-- {
		variables, err := godotenv.Unmarshal(strings.Join(lines[:n], ""))
		if _, unnamed := variables[""]; err != nil || unnamed {
			line = n
		} else {
			return variables, line
		}
	}
	return nil, line
}
