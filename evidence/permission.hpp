#pragma once

#include <optional>
#include <string_view>

namespace evidenced::evidence {

/// What somebody may do in a repository; each includes those before it.
enum class Permission : unsigned char { none, read, write, admin };

/// nullopt for a word that is not known. Who may create repositories in a project may write in all
/// of them.
std::optional<Permission> permission_of(std::string_view word);

std::string_view name_of(Permission permission);

}  // namespace evidenced::evidence
