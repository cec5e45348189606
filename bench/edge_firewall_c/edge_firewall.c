// SPDX-License-Identifier: Apache-2.0
// Loads the firewall, attaches it, shows its events and counters, and removes it.
#include "edge_firewall.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "edge_firewall.skel.h"

#define MAX_LOADS 16

static const char* const kReasons[REASONS] = {
    [REASON_PASS] = "pass",           [REASON_BLOCKED] = "blocked",
    [REASON_BLOCKED6] = "blocked6",   [REASON_FRAGMENT] = "fragment",
    [REASON_FRAGMENT6] = "fragment6", [REASON_REFLECTED] = "reflected",
    [REASON_SYN_FLOOD] = "syn_flood", [REASON_UNREADABLE] = "unreadable",
};

static const char kUsage[] =
    "Usage: edge_firewall --dev NAME [OPTIONS]\n"
    "\n"
    "  --dev NAME          Interface\n"
    "  --mode MODE         native (default) or generic\n"
    "  --allowed-syns N    SYNs a second that one source may send (default: 200)\n"
    "  --load STATE=FILE   Add a line each to blocked, blocked6 or resolvers\n"
    "  --duration SECONDS  Stop after this long\n"
    "  --interval MS       Time between counters (default: 10000)\n";

struct options {
  const char* dev;
  unsigned int mode;
  unsigned long long allowed_syns;
  const char* loads[MAX_LOADS];
  int load_count;
  long duration_ms;
  long interval_ms;
};

static volatile sig_atomic_t stopped;

static void stop(int signal) {
  (void)signal;
  stopped = 1;
}

static int log_warnings(enum libbpf_print_level level, const char* format, va_list arguments) {
  return level == LIBBPF_WARN ? vfprintf(stderr, format, arguments) : 0;
}

static bool parse_number(const char* text, unsigned long long max, unsigned long long* number) {
  char* end;

  errno = 0;
  *number = strtoull(text, &end, 10);
  return !errno && end != text && !*end && *text != '-' && *number <= max;
}

static bool parse_mode(const char* text, unsigned int* mode) {
  if (!strcmp(text, "native")) {
    *mode = XDP_FLAGS_DRV_MODE;
  } else if (!strcmp(text, "generic")) {
    *mode = XDP_FLAGS_SKB_MODE;
  } else {
    return false;
  }
  return true;
}

static bool parse_options(int argc, char** argv, struct options* options) {
  static const struct option kOptions[] = {
      {"dev", required_argument, NULL, 'd'},
      {"mode", required_argument, NULL, 'm'},
      {"allowed-syns", required_argument, NULL, 's'},
      {"load", required_argument, NULL, 'l'},
      {"duration", required_argument, NULL, 't'},
      {"interval", required_argument, NULL, 'i'},
      {NULL, 0, NULL, 0},
  };
  unsigned long long number;
  int option;

  while ((option = getopt_long(argc, argv, "", kOptions, NULL)) != -1) {
    switch (option) {
      case 'd':
        options->dev = optarg;
        break;
      case 'm':
        if (!parse_mode(optarg, &options->mode)) return false;
        break;
      case 's':
        if (!parse_number(optarg, 1000000000, &options->allowed_syns)) return false;
        break;
      case 'l':
        if (options->load_count == MAX_LOADS) return false;
        options->loads[options->load_count++] = optarg;
        break;
      case 't':
        if (!parse_number(optarg, 1000000, &number)) return false;
        options->duration_ms = number * 1000;
        break;
      case 'i':
        if (!parse_number(optarg, 1000000000, &number) || !number) return false;
        options->interval_ms = number;
        break;
      default:
        return false;
    }
  }
  return options->dev && optind == argc;
}

// An address, perhaps with a length behind it; the bits behind the length must be zero.
static bool parse_prefix(const char* text, int family, void* address, __u32* length) {
  __u32 bits = family == AF_INET ? 32 : 128;
  char copy[INET6_ADDRSTRLEN + 4];
  unsigned long long number = bits;
  unsigned char* bytes = address;
  char* slash;

  if (strlen(text) >= sizeof(copy)) return false;
  strcpy(copy, text);
  slash = strchr(copy, '/');
  if (slash) {
    *slash = '\0';
    if (!parse_number(slash + 1, bits, &number)) return false;
  }
  if (inet_pton(family, copy, address) != 1) return false;
  for (__u32 bit = number; bit < bits; bit++) {
    if (bytes[bit / 8] & (0x80 >> bit % 8)) return false;
  }
  *length = number;
  return true;
}

static int add_blocked(const struct edge_firewall_bpf* skeleton, const char* text) {
  struct prefix4 key;
  __u8 there = 1;

  if (!parse_prefix(text, AF_INET, key.address, &key.length)) return -EINVAL;
  return bpf_map__update_elem(skeleton->maps.blocked, &key, sizeof(key), &there, sizeof(there),
                              BPF_ANY);
}

static int add_blocked6(const struct edge_firewall_bpf* skeleton, const char* text) {
  struct prefix6 key;
  __u8 there = 1;

  if (!parse_prefix(text, AF_INET6, key.address, &key.length)) return -EINVAL;
  return bpf_map__update_elem(skeleton->maps.blocked6, &key, sizeof(key), &there, sizeof(there),
                              BPF_ANY);
}

static int add_resolver(const struct edge_firewall_bpf* skeleton, const char* text) {
  struct in_addr key;
  __u8 there = 1;

  if (inet_pton(AF_INET, text, &key) != 1) return -EINVAL;
  return bpf_map__update_elem(skeleton->maps.resolvers, &key, sizeof(key), &there, sizeof(there),
                              BPF_ANY);
}

static const struct state {
  const char* name;
  int (*add)(const struct edge_firewall_bpf* skeleton, const char* text);
  const char* initial;
} kStates[] = {
    {"blocked", add_blocked, "198.51.100.0/24"},
    {"blocked6", add_blocked6, "2001:db8:bad::/48"},
    {"resolvers", add_resolver, "192.0.2.53"},
};
#define STATES (sizeof(kStates) / sizeof(kStates[0]))

static const struct state* find_state(const char* load) {
  for (size_t i = 0; i < STATES; i++) {
    size_t length = strlen(kStates[i].name);

    if (!strncmp(load, kStates[i].name, length) && load[length] == '=') return &kStates[i];
  }
  return NULL;
}

static int load_file(const struct edge_firewall_bpf* skeleton, const char* load) {
  const struct state* state = find_state(load);
  char line[128];
  const char* path;
  int error = 0;
  int number = 0;
  FILE* file;

  if (!state) {
    fprintf(stderr, "error: `%s`: expected blocked, blocked6 or resolvers, and =FILE\n", load);
    return -EINVAL;
  }
  path = load + strlen(state->name) + 1;
  file = fopen(path, "re");
  if (!file) {
    error = -errno;
    fprintf(stderr, "error: `%s`: %s\n", path, strerror(-error));
    return error;
  }
  while (!error && fgets(line, sizeof(line), file)) {
    number++;
    line[strcspn(line, "\r\n")] = '\0';
    // The first line may name the column, as in a file for netc.
    if (!*line || (number == 1 && !strcmp(line, "key"))) continue;
    error = state->add(skeleton, line);
    if (error) fprintf(stderr, "error: %s:%d: `%s`: %s\n", path, number, line, strerror(-error));
  }
  fclose(file);
  return error;
}

static int fill_states(const struct edge_firewall_bpf* skeleton, const struct options* options) {
  int error;

  for (size_t i = 0; i < STATES; i++) {
    error = kStates[i].add(skeleton, kStates[i].initial);
    if (error) {
      fprintf(stderr, "error: cannot fill `%s`: %s\n", kStates[i].name, strerror(-error));
      return error;
    }
  }
  for (int i = 0; i < options->load_count; i++) {
    error = load_file(skeleton, options->loads[i]);
    if (error) return error;
  }
  return 0;
}

static int show_event(void* context, void* data, size_t size) {
  const struct syn_flood* event = data;
  char src[INET_ADDRSTRLEN];

  (void)context;
  if (size < sizeof(*event)) return 0;
  inet_ntop(AF_INET, &event->src, src, sizeof(src));
  printf("event SynFlood src=%s dport=%u\n", src, event->dport);
  return 0;
}

static int show_reasons(const struct edge_firewall_bpf* skeleton) {
  int cpus = libbpf_num_possible_cpus();
  __u64* counts;
  int error = 0;

  if (cpus < 0) return cpus;
  counts = calloc(cpus, sizeof(*counts));
  if (!counts) return -ENOMEM;
  for (__u32 reason = 0; reason < REASONS && !error; reason++) {
    __u64 sum = 0;

    error = bpf_map__lookup_elem(skeleton->maps.reasons, &reason, sizeof(reason), counts,
                                 cpus * sizeof(*counts), 0);
    for (int cpu = 0; cpu < cpus; cpu++) sum += counts[cpu];
    if (!error) printf(" %s=%llu", kReasons[reason], (unsigned long long)sum);
  }
  free(counts);
  return error;
}

static int show_counters(const struct edge_firewall_bpf* skeleton) {
  int error;

  printf("counters");
  error = show_reasons(skeleton);
  printf(" lost_events=%llu\n", (unsigned long long)skeleton->bss->lost_events);
  fflush(stdout);
  return error;
}

static int show_sources(const struct edge_firewall_bpf* skeleton) {
  const struct bpf_map* map = skeleton->maps.dropped;
  struct in_addr* last = NULL;
  struct in_addr source;
  __u64 count;

  while (!bpf_map__get_next_key(map, last, &source, sizeof(source))) {
    char text[INET_ADDRSTRLEN];

    last = &source;
    if (bpf_map__lookup_elem(map, &source, sizeof(source), &count, sizeof(count), 0)) continue;
    inet_ntop(AF_INET, &source, text, sizeof(text));
    printf("dropped %s=%llu\n", text, (unsigned long long)count);
  }
  return 0;
}

static long now_ms(void) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int watch(const struct edge_firewall_bpf* skeleton, const struct options* options) {
  struct ring_buffer* ring =
      ring_buffer__new(bpf_map__fd(skeleton->maps.events), show_event, NULL, NULL);
  long start = now_ms();
  long end = options->duration_ms ? start + options->duration_ms : LONG_MAX;
  long next = start + options->interval_ms;
  int error = 0;

  if (!ring) return -errno;
  while (!stopped && !error) {
    long now = now_ms();
    long wake;

    if (now >= end) break;
    if (now >= next) {
      error = show_counters(skeleton);
      next = now + options->interval_ms;
    }
    wake = end < next ? end : next;
    if (!error) error = ring_buffer__poll(ring, wake - now);
    if (error == -EINTR || error > 0) error = 0;
    fflush(stdout);
  }
  if (!error) ring_buffer__consume(ring);
  ring_buffer__free(ring);
  return error;
}

static int attach(struct edge_firewall_bpf* skeleton, const struct options* options) {
  unsigned int ifindex = if_nametoindex(options->dev);
  LIBBPF_OPTS(bpf_link_create_opts, attributes, .flags = options->mode);
  int link;

  if (!ifindex) {
    fprintf(stderr, "error: there is no interface `%s`\n", options->dev);
    return -ENODEV;
  }
  // A link: whatever ends this process, the program goes with it.
  link = bpf_link_create(bpf_program__fd(skeleton->progs.guard), ifindex, BPF_XDP, &attributes);
  if (link < 0) {
    fprintf(stderr, "error: cannot attach to `%s`: %s\n", options->dev, strerror(-link));
    return link;
  }
  printf("attached guard to %s, %s\n", options->dev,
         options->mode == XDP_FLAGS_DRV_MODE ? "native" : "generic");
  fflush(stdout);
  return link;
}

static int run(struct edge_firewall_bpf* skeleton, const struct options* options) {
  int error = fill_states(skeleton, options);
  int link;

  if (error) return error;
  link = attach(skeleton, options);
  if (link < 0) return link;
  error = watch(skeleton, options);
  close(link);
  if (!error) error = show_counters(skeleton);
  if (!error) error = show_sources(skeleton);
  if (error) fprintf(stderr, "error: %s\n", strerror(-error));
  return error;
}

int main(int argc, char** argv) {
  struct options options = {.mode = XDP_FLAGS_DRV_MODE, .allowed_syns = 200, .interval_ms = 10000};
  struct sigaction action = {.sa_handler = stop};
  struct edge_firewall_bpf* skeleton;
  int error;

  if (!parse_options(argc, argv, &options)) {
    fputs(kUsage, stderr);
    return 2;
  }
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  libbpf_set_print(log_warnings);
  skeleton = edge_firewall_bpf__open();
  if (!skeleton) {
    fprintf(stderr, "error: cannot open the program: %s\n", strerror(errno));
    return 1;
  }
  skeleton->data->allowed_syns = options.allowed_syns;
  error = edge_firewall_bpf__load(skeleton);
  if (error) {
    fprintf(stderr, "error: cannot load the program: %s\n", strerror(-error));
  } else {
    error = run(skeleton, &options);
  }
  edge_firewall_bpf__destroy(skeleton);
  return error ? 1 : 0;
}
