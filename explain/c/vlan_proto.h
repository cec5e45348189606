/* Whether the tag that the device took out of the packet is one of a provider's. */
struct packet { /* the begin of struct __sk_buff */
	__u32 len, pkt_type, mark, queue_mapping, protocol, vlan_present, vlan_tci, vlan_proto;
};

static __always_inline bool is_of_provider(void *ctx)
{
	struct packet *packet = ctx;

	return packet->vlan_present && packet->vlan_proto == bpf_htons(0x88a8);
}
