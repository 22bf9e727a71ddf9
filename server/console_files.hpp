#pragma once

#include "config/clock.hpp"
#include "console/assets.hpp"
#include "server/handler.hpp"

#include <span>

namespace evidenced::server {

/// `next`, and in front of it the files of the console: everything under /ui/ that is no route of
/// the API, and / itself, which leads there. The files need no key; each address may read 100 a
/// second, 400 at once, whatever else it asks for: a page is some twenty of them. Without files
/// this is `next`. Every answer has the headers that keep other pages and hosts out.
Handler with_console(Handler next, std::span<const console::Asset> assets, Clock& clock);

}  // namespace evidenced::server
