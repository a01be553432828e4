package procgroup

import (
	"errors"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Bind has the system kill the children of this process, and theirs, when this
// process ends, however it does. Only Windows needs it.
func Bind() error {
	job, err := windows.CreateJobObject(nil, nil) // open until this process ends
	if err != nil {
		return err
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE},
	}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	return errors.Join(err, windows.AssignProcessToJobObject(job, windows.CurrentProcess()))
}

// Attr puts a process in a group, so that Ctrl-C does not reach it.
func Attr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// Kill kills only the process: its children end with this process, see Bind.
func Kill(p *os.Process) { p.Kill() }
