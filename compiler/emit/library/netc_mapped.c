/* An IPv4 address as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). */
static __always_inline struct netc_ipv6 netc_mapped(__be32 addr)
{
	return (struct netc_ipv6){ { 0, 0, bpf_htonl(0xffff), addr } };
}
