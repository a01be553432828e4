package cfn

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Document returns a document, such as an API's definition, that is in the
// template or that the template includes from a file. The error says why it
// cannot be read here, or is for Located.
func (t *Template) Document(v *Value) (*Value, error) {
	if name, arg, _ := v.call(); name == "Fn::Transform" {
		if arg.Get("Name").Str() != "AWS::Include" {
			return nil, errors.New("a macro generates it")
		}
		return t.DocumentFile(arg.Get("Parameters", "Location"))
	}
	return t.Open("", v), nil
}

// DocumentFile returns the document in the file at the path v. The error is as
// from Document.
func (t *Template) DocumentFile(v *Value) (*Value, error) {
	name := t.Resolve("", v).Text
	if name == "" || strings.HasPrefix(name, "s3://") {
		return nil, errors.New("it is in S3")
	}
	path := t.Path(name)
	t.Documents = append(t.Documents, path)
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, errors.New(name + " not found")
	}
	if !t.Spend(1024) {
		return nil, errors.New("too large")
	}
	text, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	document, err := Parse(text)
	if err != nil {
		return nil, Located(name, err)
	}
	t.repeats(path, document)
	return document, nil
}

// Find returns the path of the first of names that exists in dir, or just the first.
func Find(dir string, names ...string) string {
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return filepath.Join(dir, name)
		}
	}
	return filepath.Join(dir, names[0])
}

// ReadFile reads a template or an included file. The error is os.Open's or, if
// the file is larger than MaxSize, an *Error.
func ReadFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxSize {
		return nil, &Error{File: file, Text: "larger than 1 MB, the limit of CloudFormation"}
	}
	return text, nil
}
