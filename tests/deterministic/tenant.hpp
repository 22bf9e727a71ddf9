#pragma once

#include "storage/nouns.hpp"

#include <string>

namespace evidenced::deterministic {

/// The tenant that everything belongs to.
inline const storage::TenantScope tenant{std::string(storage::default_tenant)};

}  // namespace evidenced::deterministic
