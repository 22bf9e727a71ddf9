#pragma once

#include "config/error.hpp"
#include "config/random.hpp"
#include "config/secret.hpp"
#include "config/settings.hpp"

#include <string>

namespace evidenced {

/// The file that the master key is read from: `settings.master_key_file`, else the systemd
/// credential `master-key`; empty when neither is named.
std::string master_key_path(const Settings& settings);

/// The master key: 32 bytes, read from `master_key_path`, where they stand in base64. Errors:
/// key.missing (not named, not there, not readable), key.invalid, key.mode (a file that group or
/// others may read, or that belongs to another user than this one or root; a systemd credential is
/// guarded by systemd and not checked).
Result<Secret> load_master_key(const Settings& settings);

/// Writes a new random key to `path`, mode 0400, durable when it returns. Errors: storage.exists,
/// storage.not_writable.
Result<void> create_master_key(const std::string& path, Random& random);

}  // namespace evidenced
