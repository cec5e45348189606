void Lower(HookId id) {
  if (id == HookId::kXdp) return;
  if (hook.layer == hooks::Layer::kLink) return;
  switch (id) {
    case hooks::HookId::kXdp: return;
  }
}
