import Testing

@Test func placeholderSettings() {}
