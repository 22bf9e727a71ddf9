#pragma once

#include <string>
#include <string_view>

namespace evidenced::connector {

/// Puts the mask of the address ("a***@example.com") in place of it wherever it stands in an answer
/// of Bitbucket, in any case: commits name their authors by address, and the address of the account
/// that asks is kept sealed and nowhere else. Longer addresses that hold it are other people's.
void hide_address(std::string& body, std::string_view email);

}  // namespace evidenced::connector
