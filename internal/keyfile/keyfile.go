// Package keyfile reads and writes files that hold secrets: key sets, the codec's key ring, a client secret.
//
// Such a file must be readable by its owner only, as with an SSH key: a key that every account of the machine can
// read protects nothing, and a deployment learns that at its first start, not in an audit. A file that is replaced is
// replaced whole, because a key file cut in half by a full disk would lose every record sealed under it.
package keyfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"uplift/upgrade"
)

// MaxSize bounds what is read: a key file has a few hundred bytes for each key.
const MaxSize = 1 << 20

// Read returns the contents of a regular file that its owner alone can read. Every refusal is an *upgrade.Error of
// kind Invalid that names the file and what to do; the contents are never part of it.
func Read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer file.Close()
	// The open file is examined, not the path again: what was checked is then what is read.
	info, err := file.Stat()
	if err != nil {
		return nil, unreadable(path, err)
	}
	if err := check(path, info); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	if len(data) > MaxSize {
		return nil, refuse("key_file_too_large", fmt.Sprintf("%s has more than %d bytes and is no key file", path, MaxSize), nil)
	}
	return data, nil
}

// Check tells whether Read would accept the file, without keeping what it holds, so that a program can report a
// missing or unsafe file together with everything else that is wrong with its settings.
func Check(path string) error {
	data, err := Read(path)
	clear(data)
	return err
}

func check(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return refuse("key_file_not_regular", path+" is not a regular file", nil)
	}
	// Windows keeps its access rules elsewhere and reports 0666 for every file.
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return refuse("key_file_permissions", fmt.Sprintf(
			"%s has mode %04o: others than its owner can reach it; run chmod 600 on it, and replace the keys if others may have read them",
			path, mode), nil)
	}
	return nil
}

// Create writes a new file that only its owner can read, and refuses to touch an existing one: overwriting a key file
// would make everything sealed under it unreadable for good.
func Create(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return refuse("key_file_exists", path+" exists already; rotate it, or name another file", nil)
	}
	if err != nil {
		return unwritable(path, err)
	}
	if err := finish(file, data); err != nil {
		os.Remove(path)
		return unwritable(path, err)
	}
	return nil
}

// Replace puts new contents in the place of an existing file in one step: a reader sees the old file or the new one.
func Replace(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // created with mode 0600
	if err != nil {
		return unwritable(path, err)
	}
	if err := finish(file, data); err != nil {
		os.Remove(file.Name())
		return unwritable(path, err)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		os.Remove(file.Name())
		return unwritable(path, err)
	}
	return nil
}

func finish(file *os.File, data []byte) error {
	_, err := file.Write(data)
	return errors.Join(err, file.Sync(), file.Close())
}

func unreadable(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return refuse("key_file_missing", path+" does not exist", nil)
	}
	return refuse("key_file_unreadable", "cannot read "+path, err)
}

func unwritable(path string, err error) error {
	return refuse("key_file_unwritable", "cannot write "+path, err)
}

func refuse(code, message string, err error) error {
	return &upgrade.Error{Kind: upgrade.Invalid, Code: code, Message: message, Err: err}
}
