#pragma once

#include <stddef.h>
#include <stdint.h>

namespace unit {

struct Colour {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;
};

/// Reads a colour as firmware-spec/02-updatable-unit.md says (UP-014 to UP-017): one of the CSS names in any case, or `#` and
/// 3 or 6 hexadecimal digits; what follows a colour is ignored.
///
/// @return Whether there is one at the very start; else `colour` is unchanged.
bool parseColour(const char *text, size_t count, Colour &colour);

}  // namespace unit
