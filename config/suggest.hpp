#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace evidenced {

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal
/// string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known name that `wrong` most likely meant; nullopt when none is near. A last part that is
/// right ("server.base_url" for "connector.base_url") is near, too.
std::optional<std::string_view> suggest(std::string_view wrong,
                                        const std::vector<std::string_view>& known);

}  // namespace evidenced
