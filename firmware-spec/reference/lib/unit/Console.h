#pragma once

#include "CommandLine.h"
#include "Port.h"
#include "Settings.h"

namespace unit {

/// The serial console: what the unit says, and the few commands that set it up.
class Console {
 public:
  explicit Console(Port &port) : port_(port) {}

  /// Prints text without a line end.
  void print(const char *text);
  void print(const char *text, size_t count);
  void print(uint32_t number);
  /// Prints what others have said: all but printable ASCII as question marks, so that no terminal obeys it.
  void printForeign(const char *text, size_t count);
  /// Ends a line with CR LF.
  void endLine();
  void printLine(const char *text);

  /// Obeys what was typed since it was called last.
  ///
  /// @return Whether the unit should restart: the settings are others now.
  bool obey(Settings &settings);

 private:
  bool obeyLine(Settings &settings);
  bool keep(const Settings &settings);
  bool setNetwork(Settings &settings, const char *words);
  bool setIdle(Settings &settings, const char *words);
  void help();

  Port &port_;
  CommandLine line_;
};

}  // namespace unit
