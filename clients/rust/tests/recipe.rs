//! The recipe in the documents is the example that is compiled here.

const EXAMPLE: &str = include_str!("../examples/protected.rs");

#[test]
fn the_documents_show_the_example_to_the_letter() {
    let readme = include_str!("../README.md");
    let guide = include_str!("../../../docs/integrating.md");

    assert!(readme.contains(EXAMPLE), "README.md");
    assert!(guide.contains(EXAMPLE), "docs/integrating.md");
}
