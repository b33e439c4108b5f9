"""A disk whose power can be cut: an ext4 image behind a loop device, copied in one moment. What was never synced is not in the copy.

The image lies in memory (/dev/shm), so that the copy takes milliseconds; the writers are stopped meanwhile, and the file system's own flushing is
put off to a minute, so that nothing but a sync carries bytes into it.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

SIZE = "256M"


def why_not():
    """Why no disk can be had here; empty when one can."""
    if os.geteuid() != 0:
        return "loop devices need root"
    if not all(shutil.which(tool) for tool in ("mkfs.ext4", "mount", "umount", "losetup")):
        return "mkfs.ext4, mount or losetup is missing (packages e2fsprogs, mount)"
    found = subprocess.run(["losetup", "-f"], capture_output=True, text=True)
    return "" if found.returncode == 0 else f"no loop device: {found.stderr.strip()}"


class Disk:
    """Mounted at `folder` until the stack is closed."""

    def __init__(self, folder, stack):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.images = pathlib.Path(tempfile.mkdtemp(prefix="liandong-disk-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
        self.image, self.copies = self.images / "0.img", 0
        stack.callback(shutil.rmtree, self.images, ignore_errors=True)
        stack.callback(self._unmount)
        subprocess.run(["truncate", "-s", SIZE, self.image], check=True)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=True)
        self._mount()

    def _mount(self):
        subprocess.run(["mount", "-o", "loop,commit=60", self.image, self.folder], check=True)

    def _unmount(self):
        subprocess.run(["umount", "-l", self.folder], stderr=subprocess.DEVNULL)

    @contextlib.contextmanager
    def _standing_still(self, process):
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    def cut(self, program):
        """Power fails now under `program`, which ends; what it finds when it starts again is what was on the disk."""
        self.copies += 1
        copy = self.images / f"{self.copies}.img"
        with self._standing_still(program.process):
            subprocess.run(["cp", "--sparse=always", self.image, copy], check=True)
        program.kill()
        subprocess.run(["umount", self.folder], check=True)
        self.image.unlink()
        self.image = copy
        self._mount()


def without_sync(folder):
    """An environment in which syncs do nothing: what shows that a cut disk loses what was not synced."""
    source, library = pathlib.Path(folder) / "no_sync.c", pathlib.Path(folder) / "no_sync.so"
    source.write_text("int fsync(int fd) { (void)fd; return 0; }\nint fdatasync(int fd) { (void)fd; return 0; }\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    return {**os.environ, "LD_PRELOAD": str(library)}
