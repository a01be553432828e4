// Package packaged reads what a deployment tool has packed for Lambda, a folder or a
// zip archive: which program is in it, from which Go package, and whether it runs on
// this machine.
//
// Packages are not trusted. Sizes are bounded, nothing is executed, and an archive
// leaves files only in the folder that Extract is given.
package packaged

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"debug/gosym"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// maxSize is Lambda's limit for the files of a function, in bytes ("Lambda quotas":
// deployment package, unzipped).
const maxSize = 250 << 20

// A Program is an executable file in a package.
type Program struct {
	Path   string // its main package, "command-line-arguments" after go build main.go; "": not a Go program, or without build information
	Module string // the module of that package; "" when it does not say
	File   string // after go build main.go, the file with func main, as the compiler knew it; "" when it does not say
	System string // "linux/arm64"; "": not an ELF executable, which Lambda needs
}

// Runs reports whether this machine runs p.
func (p Program) Runs() bool { return p.System == runtime.GOOS+"/"+runtime.GOARCH }

// Read reads the program of that name, with slashes, in place, a folder or an archive.
func Read(place, name string) (Program, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return Program{}, fmt.Errorf("%q is not a path in it", name)
	}
	info, err := os.Stat(place)
	if err != nil {
		return Program{}, errors.New("it does not exist")
	}
	if !info.IsDir() {
		text, err := fromArchive(place, name)
		if err != nil {
			return Program{}, err
		}
		return programOf(bytes.NewReader(text)), nil
	}
	file := filepath.Join(place, filepath.FromSlash(name))
	if info, err = os.Stat(file); err != nil || !info.Mode().IsRegular() { // opening a named pipe may never end
		return Program{}, fmt.Errorf("it has no file %s", name)
	} else if info.Size() > maxSize {
		return Program{}, fmt.Errorf("%s is larger than Lambda's limit, 250 MB", name)
	}
	f, err := os.Open(file)
	if err != nil {
		return Program{}, err
	}
	defer f.Close()
	return programOf(f), nil
}

func programOf(f io.ReaderAt) (p Program) {
	if info, err := buildinfo.Read(f); err == nil {
		p.Path, p.Module = info.Path, info.Main.Path
	}
	file, err := elf.NewFile(f)
	if err != nil || file.Type != elf.ET_EXEC && file.Type != elf.ET_DYN || file.Entry == 0 {
		return p
	}
	switch {
	case file.Machine == elf.EM_X86_64 && file.Class == elf.ELFCLASS64:
		p.System = "linux/amd64"
	case file.Machine == elf.EM_AARCH64:
		p.System = "linux/arm64"
	}
	if p.Path == "command-line-arguments" {
		p.File = mainFile(file)
	}
	return p
}

// mainFile returns the file with func main, from the table of lines that Go programs have
// also without symbols; "" if that cannot be read.
func mainFile(file *elf.File) string {
	text, section := file.Section(".text"), file.Section(".gopclntab")
	if section == nil {
		section = file.Section(".data.rel.ro.gopclntab")
	}
	if text == nil || section == nil || section.Size > maxSize {
		return ""
	}
	data, err := section.Data()
	if err != nil || len(data) < 16 || file.ByteOrder.Uint64(data[8:]) > uint64(len(data)/8) { // more functions than it has space for
		return ""
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(data, text.Addr))
	if err != nil {
		return ""
	}
	f := table.LookupFunc("main.main")
	if f == nil {
		return ""
	}
	name, _, _ := table.PCToLine(f.Entry)
	return name
}
