// The first process of a guest: it finds the host's file system, puts a tmpfs
// over it, runs one command there, and reports how that ended.
//
// Linked statically, it is all that the initial RAM file system holds beside a
// few modules and the files of /guest, which tools/guest/run writes:
//
//   argv, env   NUL-separated: the command and its environment
//   cwd, release  text without an end of line
//   modules     NUL-separated file names below /modules, in loading order
//   writable    NUL-separated directories that the host shares to be written
//
// Standard output and error go to the virtio ports `out` and `err`, the end to
// `ctl` as "exit N", behind "begin". Whatever fails before the command stands on the console.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

// The I/O port of the isa-debug-exit device on QEMU's command line.
enum { kExitPort = 0xf4 };

// What the kernel is still finding is looked for again this often: 5 s in all.
enum { kTries = 1000, kTryMicroseconds = 5000 };

static const char kSharedOptions[] = "trans=virtio,version=9p2000.L,msize=512000";

// --- ending ---

static void PowerOff(void) {
  tcdrain(STDERR_FILENO);
  if (ioperm(kExitPort, 1, 1) == 0) outb(0, kExitPort);
  reboot(RB_AUTOBOOT);  // QEMU runs with -no-reboot
  for (;;) pause();
}

static void Die(const char* what, const char* which) {
  fprintf(stderr, "guest-init: %s %s: %s\n", what, which, strerror(errno));
  PowerOff();
}

// --- files ---

// The contents, with a NUL behind them; `size` may be null.
static char* ReadFile(const char* path, size_t* size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) Die("open", path);
  size_t used = 0, capacity = 1 << 16;
  char* bytes = malloc(capacity + 1);
  ssize_t got;
  while ((got = read(fd, bytes + used, capacity - used)) > 0) {
    used += got;
    if (used == capacity) bytes = realloc(bytes, (capacity *= 2) + 1);
  }
  close(fd);
  bytes[used] = 0;
  if (size) *size = used;
  return bytes;
}

// A NUL-separated file as a vector that ends on a null pointer.
static char** ReadVector(const char* path) {
  size_t size, count = 0;
  char* bytes = ReadFile(path, &size);
  char** vector = calloc(size + 1, sizeof(*vector));
  for (size_t at = 0; at < size; at += strlen(bytes + at) + 1) vector[count++] = bytes + at;
  return vector;
}

static void WriteAll(int fd, const char* bytes, size_t size) {
  while (size > 0) {
    ssize_t put = write(fd, bytes, size);
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (put <= 0) return;
    bytes += put;
    size -= put;
  }
}

static void WriteSetting(const char* path, const char* text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  WriteAll(fd, text, strlen(text));
  close(fd);
}

static void MakeDirectories(const char* path) {
  char part[4096];
  snprintf(part, sizeof(part), "%s", path);
  for (char* slash = part + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
    *slash = 0;
    mkdir(part, 0755);
  }
  mkdir(part, 0755);
}

// --- mounts ---

static bool TryMount(const char* source, const char* target, const char* type, unsigned long flags,
                     const char* options) {
  mkdir(target, 0755);
  return mount(source, target, type, flags, options) == 0;
}

static void Mount(const char* source, const char* target, const char* type, unsigned long flags,
                  const char* options) {
  if (!TryMount(source, target, type, flags, options)) Die("mount", target);
}

static void OpenConsole(void) {
  TryMount("dev", "/dev", "devtmpfs", 0, NULL);
  int fd = open("/dev/console", O_RDWR);
  for (int standard = 0; fd >= 0 && standard < 3; standard++) dup2(fd, standard);
  if (fd > STDERR_FILENO) close(fd);
  setvbuf(stderr, NULL, _IOLBF, 0);
}

static void LoadModules(void) {
  for (char** name = ReadVector("/guest/modules"); *name; name++) {
    char path[256];
    snprintf(path, sizeof(path), "/modules/%s", *name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) Die("open", path);
    if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST) Die("load", path);
    close(fd);
  }
}

// The host's root below, a tmpfs above: what the command writes is gone with it.
static void MountHostRoot(void) {
  char options[128];
  snprintf(options, sizeof(options), "%s,cache=loose", kSharedOptions);
  mkdir("/lower", 0755);
  for (int tries = 0; mount("root", "/lower", "9p", MS_RDONLY, options); tries++) {
    if (tries == kTries) Die("mount", "the host's root");
    usleep(kTryMicroseconds);
  }
  Mount("upper", "/upper", "tmpfs", 0, "size=75%,mode=755");
  mkdir("/upper/data", 0755);
  mkdir("/upper/work", 0755);
  Mount("overlay", "/new", "overlay", 0,
        "lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work");
}

static void SwitchRoot(void) {
  Mount("/dev", "/new/dev", NULL, MS_MOVE, NULL);
  Mount("/proc", "/new/proc", NULL, MS_MOVE, NULL);
  Mount("/sys", "/new/sys", NULL, MS_MOVE, NULL);
  if (chdir("/new") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
    Die("switch", "root");
  umask(022);
}

static void Link(const char* target, const char* path) {
  if (symlink(target, path) && errno != EEXIST) Die("link", path);
}

static void MountSystem(void) {
  TryMount("pts", "/dev/pts", "devpts", 0, "gid=5,mode=620,ptmxmode=666");
  TryMount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
  Link("/proc/self/fd", "/dev/fd");
  Link("/proc/self/fd/0", "/dev/stdin");
  Link("/proc/self/fd/1", "/dev/stdout");
  Link("/proc/self/fd/2", "/dev/stderr");
  TryMount("run", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755");
  mkdir("/run/lock", 01777);
  mkdir("/run/netns", 0755);
  TryMount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, "nsdelegate");
  TryMount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=700");
  TryMount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
  TryMount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
  TryMount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
}

// The guest kernel's own modules, where modprobe looks for them.
static void MountModules(const char* release) {
  char target[512], source[512], options[128];
  snprintf(options, sizeof(options), "%s,cache=loose", kSharedOptions);
  snprintf(source, sizeof(source), "/run/guest-modules/usr/lib/modules/%s", release);
  snprintf(target, sizeof(target), "/usr/lib/modules/%s", release);
  Mount("modules", "/run/guest-modules", "9p", MS_RDONLY, options);
  MakeDirectories(target);
  Mount(source, target, NULL, MS_BIND, NULL);
}

static void MountWritable(char** directories) {
  char options[128], tag[32];
  snprintf(options, sizeof(options), "%s,cache=none", kSharedOptions);
  for (int i = 0; directories[i]; i++) {
    snprintf(tag, sizeof(tag), "writable%d", i);
    MakeDirectories(directories[i]);
    Mount(tag, directories[i], "9p", 0, options);
  }
}

static void BringLoopbackUp(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  ioctl(fd, SIOCSIFFLAGS, &request);
  close(fd);
}

// --- the command ---

// The device of the virtio port with this name, or -1.
static int FindPort(const char* name) {
  DIR* ports = opendir("/sys/class/virtio-ports");
  int found = -1;
  for (struct dirent* port; ports && found < 0 && (port = readdir(ports));) {
    char path[300], label[64];
    snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", port->d_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    ssize_t size = read(fd, label, sizeof(label) - 1);
    close(fd);
    label[size > 0 ? size : 0] = 0;
    label[strcspn(label, "\n")] = 0;
    if (strcmp(label, name) != 0) continue;
    snprintf(path, sizeof(path), "/dev/%s", port->d_name);
    found = open(path, O_WRONLY | O_CLOEXEC);
  }
  if (ports) closedir(ports);
  return found;
}

static int OpenPort(const char* name) {
  for (int tries = 0; tries < kTries; tries++) {
    int fd = FindPort(name);
    if (fd >= 0) return fd;
    usleep(kTryMicroseconds);
  }
  Die("find virtio port", name);
  return -1;
}

static void Execute(char** argv, char** env, const char* cwd, int out, int err) {
  struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  struct rlimit files = {65536, 1 << 20};
  setsid();
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  // Before 5.11 maps count against it, and libbpf may probe for that.
  setrlimit(RLIMIT_MEMLOCK, &unlimited);
  setrlimit(RLIMIT_NOFILE, &files);
  if (chdir(cwd)) {
    fprintf(stderr, "guest: cd %s: %s\n", cwd, strerror(errno));
    _exit(125);
  }
  environ = env;
  execvp(argv[0], argv);
  fprintf(stderr, "guest: %s: %s\n", argv[0], strerror(errno));
  _exit(errno == ENOENT ? 127 : 126);
}

// Copies what there is to read; false at the end of it.
static bool Relay(struct pollfd* from, int to) {
  static char bytes[65536];
  if (from->fd < 0 || !from->revents) return true;
  ssize_t size = read(from->fd, bytes, sizeof(bytes));
  if (size > 0) WriteAll(to, bytes, size);
  return size > 0 || (size < 0 && errno == EINTR);
}

// Reaps, as process 1 must; true when `pid` is among the dead.
static bool Reap(pid_t pid, int* status) {
  bool ended = false;
  int any;
  for (pid_t dead; (dead = waitpid(-1, &any, WNOHANG)) > 0;) {
    if (dead != pid) continue;
    *status = any;
    ended = true;
  }
  return ended;
}

// Relays until the command has ended and its pipes are empty. What a daemon that
// it left behind writes after that is not waited for.
static int RelayUntilEnd(pid_t pid, int command_out, int command_err, int out, int err) {
  struct pollfd from[2] = {{.fd = command_out, .events = POLLIN},
                           {.fd = command_err, .events = POLLIN}};
  const int to[2] = {out, err};
  int status = 0;
  for (bool ended = false;;) {
    int ready = poll(from, 2, 20);
    if (ended && ready <= 0) return status;
    for (int i = 0; i < 2; i++) {
      if (!Relay(&from[i], to[i])) from[i].fd = -1;
    }
    ended = Reap(pid, &status) || ended;
  }
}

static int RunCommand(int out, int err, const char* cwd, char** argv, char** env) {
  int out_pipe[2], err_pipe[2];
  if (pipe2(out_pipe, O_CLOEXEC) || pipe2(err_pipe, O_CLOEXEC)) Die("make", "pipes");
  pid_t pid = fork();
  if (pid < 0) Die("fork", argv[0]);
  if (pid == 0) Execute(argv, env, cwd, out_pipe[1], err_pipe[1]);
  close(out_pipe[1]);
  close(err_pipe[1]);
  int status = RelayUntilEnd(pid, out_pipe[0], err_pipe[0], out, err);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(void) {
  OpenConsole();
  Mount("proc", "/proc", "proc", 0, NULL);
  Mount("sys", "/sys", "sysfs", 0, NULL);
  char** argv = ReadVector("/guest/argv");
  char** env = ReadVector("/guest/env");
  char** writable = ReadVector("/guest/writable");
  char* cwd = ReadFile("/guest/cwd", NULL);
  char* release = ReadFile("/guest/release", NULL);

  LoadModules();
  MountHostRoot();
  SwitchRoot();
  MountSystem();
  MountModules(release);
  MountWritable(writable);
  sethostname("guest", 5);
  BringLoopbackUp();
  WriteSetting("/proc/sys/kernel/printk", "4 4 1 4");

  int out = OpenPort("out"), err = OpenPort("err"), control = OpenPort("ctl");
  WriteAll(control, "begin\n", 6);
  int code = RunCommand(out, err, cwd, argv, env);
  sync();  // the writable shares
  char line[32];
  WriteAll(control, line, snprintf(line, sizeof(line), "exit %d\n", code));
  PowerOff();
}
