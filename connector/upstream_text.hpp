#pragma once

#include <string>
#include <string_view>

namespace evidenced::connector {

/// Words of Bitbucket made fit for an error's detail: one line of printable UTF-8, at most `limit`
/// bytes (an ellipsis marks the cut), runs of blanks made one; what looks like a token or an e-mail
/// address is replaced.
std::string upstream_text(std::string_view text, std::size_t limit = 240);

}  // namespace evidenced::connector
