#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace evidenced::simulator {

/// A secret that bodies hold where real ones hold secrets (values of variables, URLs of hooks,
/// clients of runners): it must be in no store, log or answer of a careful client.
inline constexpr std::string_view canary_secret = "canary-5eed-4f1d-9c3a-not-to-be-kept";

/// Stands within the base64 part of every deploy key: of keys, only fingerprints may be kept.
inline constexpr std::string_view canary_key = "Y2FuYXJ5LWtleS1ub3QtdG8tYmUtaGVs";

/// "ssh-ed25519 AAAA…" (RFC 8709), with `canary_key` in it.
std::string public_key(std::uint64_t seed);

}  // namespace evidenced::simulator
