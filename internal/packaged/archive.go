package packaged

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
)

// maxDirectory bounds the list of files at the end of an archive, in bytes: about 80,000.
const maxDirectory = 4 << 20

// open opens an archive.
func open(file string) (*zip.Reader, io.Closer, error) {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSize {
		return nil, nil, errors.New("it is not a file of at most 250 MB")
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, err
	}
	list := &limited{f, maxDirectory}
	r, err := zip.NewReader(list, info.Size())
	if err != nil {
		f.Close()
		return nil, nil, errors.New("it is not a zip archive that can be read")
	}
	list.left = 1 << 62
	return r, f, nil
}

// limited fails once it was asked for more than left bytes.
type limited struct {
	file io.ReaderAt
	left int64
}

func (l *limited) ReadAt(p []byte, at int64) (int, error) {
	if l.left -= int64(len(p)); l.left < 0 {
		return 0, errors.New("too many files")
	}
	return l.file.ReadAt(p, at)
}

// fromArchive returns a file in an archive.
func fromArchive(archive, name string) ([]byte, error) {
	r, closer, err := open(archive)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	for _, f := range r.File {
		if path.Clean(f.Name) != path.Clean(name) || !f.Mode().IsRegular() {
			continue
		}
		if f.UncompressedSize64 > maxSize {
			return nil, fmt.Errorf("%s is larger than Lambda's limit, 250 MB", name)
		}
		from, err := f.Open()
		if err != nil {
			return nil, err
		}
		defer from.Close()
		return io.ReadAll(io.LimitReader(from, maxSize))
	}
	return nil, fmt.Errorf("it has no file %s", name)
}

// Extract writes the files of an archive into the folder dir, those that are executable
// there as executable, without its symbolic links. Names that lead out of dir are an
// error, as is more than Lambda's limit of 250 MB.
func Extract(archive, dir string) error {
	r, closer, err := open(archive)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	defer closer.Close()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	left := int64(maxSize)
	for _, f := range r.File {
		if !f.Mode().IsRegular() {
			continue
		}
		written, err := extract(root, f, left)
		if left -= written; err != nil {
			return fmt.Errorf("%s: %w", archive, err)
		}
	}
	return nil
}

// extract writes one file of at most most bytes.
func extract(root *os.Root, f *zip.File, most int64) (written int64, err error) {
	name := filepath.FromSlash(path.Clean(f.Name))
	if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return 0, err
	}
	from, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer from.Close()
	to, err := root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600|f.Mode().Perm()&0o100)
	if err != nil {
		return 0, err
	}
	written, err = io.Copy(to, io.LimitReader(from, most+1))
	if written > most {
		err = errors.New("its files are larger than Lambda's limit, 250 MB")
	}
	return written, errors.Join(err, to.Close())
}
