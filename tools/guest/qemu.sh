# Booting a guest and passing on what it says; sourced by tools/guest/run.

have_qemu() { command -v qemu-system-x86_64 >/dev/null; }
qemu_version() { qemu-system-x86_64 --version | sed -n '1s/.*version \([0-9.]*\).*/\1/p'; }

kernel_arguments=(
  console=ttyS0 quiet loglevel=4 panic=-1 oops=panic nokaslr mitigations=off no_timer_check
  lpj=10000000 lsm=landlock,yama,bpf random.trust_cpu=on cryptomgr.notests audit=0 nowatchdog
  init_on_alloc=0 8250.nr_uarts=1 rcupdate.rcu_expedited=1 net.ifnames=0)

# Exists where this kernel has booted under KVM. That /dev/kvm is there doesn't say
# that it works: inside some virtual machines the guest stops at its first page fault.
kvm_stamp() { echo "$(initramfs_of "$kernel_dir").kvm-$(qemu_version | tr -c '0-9.\n' _)"; }

# Sets `qemu` to the command line for a run whose files are in RUN.
compose_qemu() { # RUN
  local threads=multi accel=tcg directory n=0 port
  # Before QEMU 10 a kernel that patches its code (each attach of a program does)
  # breaks on more than one emulated CPU.
  if [ "$(qemu_version | cut -d. -f1)" -lt 10 ]; then
    cpus=${cpus:-1}
    [ "$cpus" = 1 ] || threads=single
  fi
  accel="tcg,thread=$threads,tb-size=256"
  local cpu=max,la57=off
  if [ -e "$(kvm_stamp)" ] && [ -w /dev/kvm ]; then accel=kvm cpu=host; fi
  qemu=(qemu-system-x86_64 -no-user-config -nodefaults -display none -no-reboot -monitor none
    -machine q35,usb=off,vmport=off,hpet=off -accel "$accel" -cpu "$cpu" -smp "${cpus:-2}"
    -m "$memory" -kernel "$kernel_dir/vmlinux" -initrd "$1/initrd" -append "${kernel_arguments[*]}"
    -serial "file:${log:-$1/console}" -device isa-debug-exit,iobase=0xf4,iosize=0x04
    # Without ioeventfd a write in the guest has reached the file when it returns,
    # so that nothing is lost when the guest ends right after it.
    -device virtio-serial-pci,ioeventfd=off)
  for port in out err ctl; do
    qemu+=(-chardev "file,id=$port,path=$1/$port" -device "virtserialport,chardev=$port,name=$port")
  done
  share root / readonly=on,multidevs=remap
  share modules "$kernel_dir/modules" readonly=on
  for directory in "${writable[@]}"; do
    share "writable$((n++))" "$directory" multidevs=remap
  done
}

share() { # TAG DIRECTORY OPTIONS
  qemu+=(-fsdev "local,id=$1,path=$2,security_model=none,$3" -device "virtio-9p-pci,fsdev=$1,mount_tag=$1")
}

# The part of the initial RAM file system that differs from run to run.
write_initrd() { # RUN COMMAND...
  local run=$1 name
  shift
  printf '%s\0' "$@" >"$run/argv"
  for name in "${variables[@]}"; do
    case $name in
      *=*) printf '%s\0' "$name" ;;
      *) [ -z "${!name+x}" ] || printf '%s=%s\0' "$name" "${!name}" ;;
    esac
  done >"$run/env"
  printf %s "$cwd" >"$run/cwd"
  : >"$run/writable"
  [ ${#writable[@]} -eq 0 ] || printf '%s\0' "${writable[@]}" >"$run/writable"
  {
    cat "$(initramfs_of "$kernel_dir")"
    for name in argv env cwd writable; do cpio_entry "guest/$name" 100644 "$run/$name"; done
    cpio_entry 'TRAILER!!!' 0
  } >"$run/initrd"
}

resolve_writable() {
  local i
  for i in "${!writable[@]}"; do
    writable[i]=$(realpath -e -- "${writable[i]}") || die "--writable: no such directory"
    [[ ${writable[i]} != *,* ]] || die "QEMU takes no comma in a directory's name: ${writable[i]}"
  done
}

run_guest() ( # COMMAND... ; a subshell, whose exit cleans up
  qemu_pid='' qemu=()
  run=$(mktemp -d "${TMPDIR:-/tmp}/netc-guest.XXXXXX") || die "no temporary directory"
  # `timeout` passes the signal on to QEMU.
  trap '[ -z "$qemu_pid" ] || { kill "$qemu_pid"; wait "$qemu_pid"; } 2>/dev/null; rm -rf "$run"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  resolve_writable
  write_initrd "$run" "$@"
  compose_qemu "$run"
  : >"$run/out"; : >"$run/err"

  timeout -k 2 "$timeout" "${qemu[@]}" </dev/null >"$run/qemu.log" 2>&1 &
  qemu_pid=$!
  tail -q -c +1 -s 0.02 --pid="$qemu_pid" -f "$run/out" & local followers=$!
  tail -q -c +1 -s 0.02 --pid="$qemu_pid" -f "$run/err" >&2 & followers+=" $!"
  watch_boot "$qemu_pid" "$run" & local watcher=$!
  wait "$qemu_pid"
  local ended=$? code
  qemu_pid=''
  kill "$watcher" 2>/dev/null
  wait $followers
  code=$(sed -n 's/^exit \([0-9]*\)$/\1/p' "$run/ctl" 2>/dev/null)
  [ -z "$code" ] || exit "$code"
  if [ -z "${began_again:-}" ] && [ ! -s "$run/ctl" ] && { [ -e "$run/stuck" ] || [ "$ended" = 134 ]; }; then
    say "the guest did not come up; once more"
    rm -rf "$run"
    began_again=1
    run_guest "$@"
    exit
  fi
  explain_death "$ended" "$run/qemu.log" "${log:-$run/console}"
)

# Under emulation one boot in a hundred or so stands still, and QEMU 10 aborts now and then
# (iotlb_to_section). A boot takes 5 seconds; where the command has not begun after 30, the
# guest is given up.
watch_boot() { # QEMU-PID RUN
  local i
  for ((i = 0; i < 30; i++)); do
    sleep 1 >/dev/null 2>&1
    [ ! -s "$2/ctl" ] || return 0
  done
  [ -n "${began_again:-}" ] || { : >"$2/stuck" && kill "$1"; }
}

explain_death() { # QEMU-EXIT-CODE QEMU-LOG CONSOLE
  local code=125
  grep -av 'terminating on signal' "$2" | head -n 5 >&2
  case $1 in
    124 | 137) say "out of time after $timeout s"; code=124 ;;
    *) say "the guest died (QEMU exits with $1)" ;;
  esac
  say "the end of its console:"
  tail -n 25 "$3" 2>/dev/null | tr -d '\r' >&2
  exit $code
}
