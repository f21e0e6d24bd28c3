//! One body, two tests: `both!(a_link_works_once, async |house| { … })` is
//! `a_link_works_once::sqlite` and `a_link_works_once::postgres`. `tell`, in scope where it stands,
//! says what the body is given.

macro_rules! both {
    ($name:ident, $body:expr $(,)?) => {
        mod $name {
            use super::*;

            #[test]
            fn sqlite() {
                tell(Kind::Sqlite, stringify!($name), $body);
            }

            #[test]
            fn postgres() {
                tell(Kind::Postgres, stringify!($name), $body);
            }
        }
    };
}
