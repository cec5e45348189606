#include <bpf/libbpf.h>
void Sort() { std::sort(a.begin(), a.end()); }
