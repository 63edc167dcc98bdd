#include "Console.h"

namespace unit {

namespace {

size_t length(const char *text) {
  size_t count = 0;
  while (text[count]) count++;
  return count;
}

const char *skipSpaces(const char *text) {
  while (*text == ' ') text++;
  return text;
}

/// Takes the next word, which may stand between double quotes, with `\"` and `\\` in it.
///
/// @return What follows it; null where it has no end, or does not fit.
const char *takeWord(const char *text, char *word, size_t most) {
  text = skipSpaces(text);
  const bool isQuoted = *text == '"';
  if (isQuoted) text++;
  size_t count = 0;
  while (*text && *text != (isQuoted ? '"' : ' ')) {
    if (isQuoted && *text == '\\' && text[1]) text++;
    if (count == most) return nullptr;
    word[count++] = *text++;
  }
  word[count] = 0;
  if (!isQuoted) return text;
  return *text == '"' ? text + 1 : nullptr;
}

/// What follows the name of a command; null where it is another one.
const char *following(const char *text, const char *name) {
  while (*name) {
    if (*text++ != *name++) return nullptr;
  }
  return *text == 0 || *text == ' ' ? text : nullptr;
}

}  // namespace

void Console::print(const char *text) { print(text, length(text)); }

void Console::print(const char *text, size_t count) { port_.print(text, count); }

void Console::print(uint32_t number) {
  char digits[10];
  size_t count = 0;
  do {
    digits[sizeof digits - ++count] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  print(digits + sizeof digits - count, count);
}

void Console::printForeign(const char *text, size_t count) {
  for (size_t index = 0; index < count; index++) {
    const char byte = text[index] >= ' ' && text[index] < 0x7F ? text[index] : '?';
    print(&byte, 1);
  }
}

void Console::endLine() { print("\r\n"); }

void Console::printLine(const char *text) {
  print(text);
  endLine();
}

bool Console::obey(Settings &settings) {
  bool isChanged = false;
  for (int byte = port_.typed(); byte >= 0; byte = port_.typed()) {
    switch (line_.take(static_cast<uint8_t>(byte))) {
      case CommandLine::Found::nothing: break;
      case CommandLine::Found::tooLong: printLine("The line is too long."); break;
      case CommandLine::Found::line: isChanged = obeyLine(settings) || isChanged; break;
    }
  }
  return isChanged;
}

bool Console::obeyLine(Settings &settings) {
  const char *text = skipSpaces(line_.text());
  if (const char *words = following(text, "wifi")) return setNetwork(settings, words);
  if (const char *words = following(text, "idle")) return setIdle(settings, words);
  if (following(text, "forget")) {
    settings = Settings();
    return keep(settings);
  }
  if (following(text, "restart")) return true;
  help();
  return false;
}

void Console::help() {
  printLine("wifi SSID PASSWORD  keeps the network and restarts; \"my net\" where there are spaces");
  printLine("idle SECONDS        how long a silent client may keep others waiting; 0: for ever");
  printLine("forget              the network and all else that was set");
  printLine("restart");
}

bool Console::setNetwork(Settings &settings, const char *words) {
  Settings changed = settings;
  changed.password[0] = 0;
  words = takeWord(words, changed.ssid, Settings::longestName);
  if (words) words = takeWord(words, changed.password, Settings::longestPassword);
  if (!words || *skipSpaces(words) || !changed.hasNetwork()) {
    printLine("Type wifi SSID PASSWORD: at most 32 and 64 characters, \"my net\" where there are spaces.");
    return false;
  }
  const size_t password = length(changed.password);
  if (password > 0 && password < 8) {
    printLine("A password has at least 8 characters; an open network has none.");
    return false;
  }
  if (!keep(changed)) return false;
  settings = changed;
  return true;
}

bool Console::setIdle(Settings &settings, const char *words) {
  char digits[6];
  words = takeWord(words, digits, sizeof digits - 1);
  uint32_t seconds = 0;
  const size_t count = words ? length(digits) : 0;
  bool isNumber = count > 0 && !*skipSpaces(words);
  for (size_t index = 0; index < count; index++) {
    isNumber = isNumber && digits[index] >= '0' && digits[index] <= '9';
    seconds = seconds * 10 + static_cast<uint32_t>(digits[index] - '0');
  }
  if (!isNumber || seconds > 65535) {
    printLine("Type idle SECONDS: 0 to 65535.");
    return false;
  }
  Settings changed = settings;
  changed.idleSeconds = static_cast<uint16_t>(seconds);
  // It counts from now on, without a restart.
  if (keep(changed)) settings = changed;
  return false;
}

bool Console::keep(const Settings &settings) {
  uint8_t bytes[Settings::encodedBytes];
  settings.encode(bytes);
  const bool isKept = port_.keep(bytes, sizeof bytes);
  printLine(isKept ? "Kept." : "It could not be kept: the flash takes nothing.");
  return isKept;
}

}  // namespace unit
