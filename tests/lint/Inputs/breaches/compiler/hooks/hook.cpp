bool b = id == HookId::kXdp;
