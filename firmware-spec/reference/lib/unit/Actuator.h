#pragma once

#include <stddef.h>

namespace unit {

/// What an updatable unit changes. An actuator of your own is one class with this one function.
class Actuator {
 public:
  /// Does what a command says.
  ///
  /// @param text Any bytes but CR and LF, 1 to `CommandLine::longest` of them; with 0 behind them.
  /// @return Whether it was understood; what was not leaves everything as it is.
  virtual bool apply(const char *text, size_t count) = 0;

 protected:
  ~Actuator() = default;
};

}  // namespace unit
