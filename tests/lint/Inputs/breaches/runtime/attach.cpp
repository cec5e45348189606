#include <algorithm>
void Sort() { std::sort(a.begin(), a.end()); }
