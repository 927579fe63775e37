//! The PeeringDB synchronisation as a whole, against an upstream of our own, on both databases.
//!
//! Each test is a function of a fresh, migrated [`Store`](peerage_store::Store), named once in `on_both_databases!`, which
//! makes `sqlite::` and `postgres::` of it. PostgreSQL's need PEERAGE_TEST_POSTGRES (see `.ci/postgres`); without it they
//! say so and pass.

mod changes;
mod database;
mod directories;
mod failures;
mod ours;
mod runs;
mod upstream;
mod world;

macro_rules! on_both_databases {
    ($($area:ident: $($name:ident)*;)*) => {
        mod sqlite {
            $($(
                #[tokio::test]
                async fn $name() {
                    super::$area::$name(super::database::sqlite().await).await;
                }
            )*)*
        }
        mod postgres {
            $($(
                #[tokio::test]
                async fn $name() {
                    if let Some(store) = super::database::postgres(stringify!($name)).await {
                        super::$area::$name(store).await;
                    }
                }
            )*)*
        }
    };
}

on_both_databases! {
    runs:
        a_full_run_takes_every_type
        a_quiet_run_writes_nothing
        an_incremental_run_takes_what_changed
        an_unknown_tombstone_is_ignored
        children_go_with_their_parent
        an_orphan_is_noted_and_taken_when_its_parent_comes
        a_row_mended_upstream_in_silence_is_taken
        a_missing_optional_parent_does_not_cost_the_row
        a_network_is_taken_before_its_organisation
        of_two_rows_with_one_id_the_last_counts
        a_row_that_cannot_stand_is_rejected_by_name
        a_stopped_run_says_so_and_the_next_completes_it
        a_flushed_cache_is_filled_again
        a_key_that_comes_later_brings_what_was_withheld;
    changes:
        a_first_run_only_counts
        changes_are_told_with_what_they_mean_for_us
        what_goes_with_its_parent_is_told_as_well
        who_leaves_what_is_ours_is_told_as_well
        the_newest_run_stands_first
        of_many_changes_those_that_concern_us_are_all_kept
        a_run_that_was_cut_short_says_so_and_keeps_what_it_told
        a_run_that_died_is_seen_to_have_died;
    failures:
        a_failing_type_keeps_its_cursor_and_the_next_run_completes
        a_failure_that_passes_is_not_noticed
        throttling_is_obeyed_within_bounds
        the_key_is_sent_and_never_shown
        rows_deleted_between_a_broken_run_and_its_repetition_go
        a_flood_of_orphans_waits_for_its_parents;
    directories:
        every_form_of_file_is_read
        a_missing_row_of_a_whole_file_is_deleted_but_not_half_of_them
        real_rows_are_taken;
    ours:
        a_connection_is_linked_when_both_addresses_agree
        an_exchange_follows_its_connections
        flushing_unlinks_and_the_next_run_links_again
        autonomous_systems_follow_by_their_flags
        one_autonomous_system_is_synchronised_on_request;
}
