#pragma once

#include <stddef.h>

namespace unit {

/// What a read unit measures. A sensor of your own is one class with this one function.
class Sensor {
 public:
  /// The most bytes of a reading.
  static constexpr size_t longest = 64;

  /// Writes a reading as text, of printable characters, without a line end.
  ///
  /// @return How many bytes it has; 0: there is none now, and the unit says nothing this time.
  virtual size_t read(char (&text)[longest]) = 0;

 protected:
  ~Sensor() = default;
};

}  // namespace unit
