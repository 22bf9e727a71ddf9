#include "evidence/permission.hpp"

namespace evidenced::evidence {

namespace {

struct PermissionWord {
  std::string_view word;
  Permission permission;
};
constexpr PermissionWord permission_words[] = {{"none", Permission::none},
                                               {"read", Permission::read},
                                               {"write", Permission::write},
                                               {"admin", Permission::admin},
                                               {"create-repo", Permission::write}};

}  // namespace

std::optional<Permission> permission_of(std::string_view word) {
  for (const PermissionWord& known : permission_words) {
    if (known.word == word) return known.permission;
  }
  return std::nullopt;
}

std::string_view name_of(Permission permission) {
  for (const PermissionWord& known : permission_words) {
    if (known.permission == permission) return known.word;
  }
  return {};
}

}  // namespace evidenced::evidence
