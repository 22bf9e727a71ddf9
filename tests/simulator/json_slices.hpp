#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace evidenced::simulator {

/// The elements of the array `name` of the object in `text`, byte for byte as they stand there;
/// empty when there is no such array. For text that is valid JSON.
std::vector<std::string> slices_of(std::string_view text, std::string_view name);

/// `text` without white space around it.
std::string_view trimmed(std::string_view text);

}  // namespace evidenced::simulator
