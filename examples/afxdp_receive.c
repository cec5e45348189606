/* Takes packets from AF_XDP sockets, one for each receive queue, and counts them.
 *
 *     afxdp_receive INTERFACE QUEUES
 *
 * Says for each queue which descriptor has its socket, for `netc run --socket` (afxdp.np); when
 * its input ends, how many packets and bytes each queue gave. It loads no program.
 *
 *     cc -O2 afxdp_receive.c -o afxdp_receive -lxdp -lbpf
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xdp/xsk.h>

enum { FRAMES = 2048, FRAME = XSK_UMEM__DEFAULT_FRAME_SIZE, MOST_QUEUES = 64, BATCH = 64 };

struct queue {
  struct xsk_socket* socket;
  struct xsk_umem* umem;
  struct xsk_ring_prod fill;
  struct xsk_ring_cons done; /* of what is sent: nothing */
  struct xsk_ring_cons rx;
  unsigned long packets, bytes;
};

static int fail(const char* what, int error) {
  fprintf(stderr, "afxdp_receive: %s: %s\n", what, strerror(error < 0 ? -error : error));
  return 1;
}

static int open_queue(struct queue* queue, const char* interface, unsigned number) {
  size_t size = (size_t)FRAMES * FRAME;
  void* frames =
      mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (frames == MAP_FAILED) return -1;
  struct xsk_umem_config memory = {.fill_size = FRAMES,
                                   .comp_size = FRAMES,
                                   .frame_size = FRAME,
                                   .frame_headroom = 0};
  int error = xsk_umem__create(&queue->umem, frames, size, &queue->fill, &queue->done, &memory);
  if (error) return error;
  struct xsk_socket_config how = {.rx_size = FRAMES,
                                  .libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD};
  error = xsk_socket__create(&queue->socket, interface, number, queue->umem, &queue->rx, NULL, &how);
  if (error) return error;
  __u32 at = 0;
  unsigned room = xsk_ring_prod__reserve(&queue->fill, FRAMES, &at);
  for (unsigned i = 0; i < room; ++i) {
    *xsk_ring_prod__fill_addr(&queue->fill, at + i) = (__u64)i * FRAME;
  }
  xsk_ring_prod__submit(&queue->fill, room);
  return 0;
}

/* Counts what is there, and gives the frames back. */
static unsigned take(struct queue* queue) {
  __u32 from = 0, to = 0;
  unsigned count = xsk_ring_cons__peek(&queue->rx, BATCH, &from);
  if (count == 0) return 0;
  /* As many frames are out of the fill ring as are in this one: there is room. */
  xsk_ring_prod__reserve(&queue->fill, count, &to);
  for (unsigned i = 0; i < count; ++i) {
    const struct xdp_desc* packet = xsk_ring_cons__rx_desc(&queue->rx, from + i);
    queue->packets += 1;
    queue->bytes += packet->len;
    *xsk_ring_prod__fill_addr(&queue->fill, to + i) = packet->addr;
  }
  xsk_ring_cons__release(&queue->rx, count);
  xsk_ring_prod__submit(&queue->fill, count);
  return count;
}

int main(int argc, char** argv) {
  static struct queue queues[MOST_QUEUES];
  struct pollfd ready[MOST_QUEUES + 1];
  unsigned count = argc == 3 ? (unsigned)atoi(argv[2]) : 0;
  if (count == 0 || count > MOST_QUEUES) {
    fprintf(stderr, "usage: afxdp_receive INTERFACE QUEUES\n");
    return 2;
  }
  for (unsigned i = 0; i < count; ++i) {
    int error = open_queue(&queues[i], argv[1], i);
    if (error) return fail("no socket for this queue", error);
    ready[i] = (struct pollfd){.fd = xsk_socket__fd(queues[i].socket), .events = POLLIN};
    printf("queue %u: pid:%d,fd:%d\n", i, getpid(), ready[i].fd);
  }
  fflush(stdout);
  ready[count] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
  while (poll(ready, count + 1, -1) >= 0) {
    for (unsigned i = 0; i < count; ++i) {
      while (take(&queues[i]) != 0) {}
    }
    if (ready[count].revents != 0) break;
  }
  for (unsigned i = 0; i < count; ++i) {
    printf("queue %u: %lu packets, %lu bytes\n", i, queues[i].packets, queues[i].bytes);
  }
  return 0;
}
