//! What the store promises, said once and tried on both databases: every test is generic over the database and runs as
//! `sqlite::NAME` and `postgres::NAME`.
//!
//! PostgreSQL is found through `PEERAGE_TEST_POSTGRES` (an address whose user may create databases); each test makes a
//! database of its own. Without it those tests say that they were skipped, and fail if `CI` is `true`.

mod attached;
mod backup;
mod bulk;
mod database;
mod deletions;
mod events;
mod filters;
mod history;
mod limits;
mod observing;
mod reading;
mod retention;
mod rotation;
mod schema;
mod world;
mod writes;

macro_rules! on_both_databases {
    ($($module:ident :: $test:ident,)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                let database = crate::database::sqlite().await;
                crate::$module::$test(&database).await;
                database.finish().await;
            })*
        }

        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                if let Some(database) = crate::database::postgres().await {
                    crate::$module::$test(&database).await;
                    database.finish().await;
                }
            })*
        }
    };
}

on_both_databases! {
    schema::migrated_schema_equals_the_descriptions,
    schema::migrating_again_does_nothing,
    schema::a_newer_database_is_refused,
    schema::a_migration_that_was_changed_is_refused,
    history::data_of_every_earlier_schema_is_there_after_migrating,
    history::counts_that_no_router_told_are_unknown_after_migrating,
    history::a_migration_that_is_interrupted_leaves_the_one_before_it,
    observing::an_observation_is_nobodys_edit,
    observing::only_what_can_be_observed_is_observed_and_only_by_the_system,
    reading::every_type_is_read_back_as_it_was_written,
    reading::a_list_costs_the_same_statements_for_any_number_of_rows,
    reading::every_list_costs_the_same_statements_for_any_number_of_rows,
    reading::a_list_brings_what_its_labels_need,
    reading::pages_follow_one_another,
    reading::look_ups_are_exact,
    reading::secrets_are_revealed_only_to_those_who_may_see_them,
    reading::references_lead_back,
    reading::a_reader_is_not_shown_users,
    filters::every_filter_means_the_same_in_memory,
    filters::filters_mean_the_same_in_combination,
    filters::every_order_is_the_same_in_memory,
    filters::addresses_numbers_and_references_are_found_by_an_index,
    filters::wildcards_are_ordinary_letters,
    filters::words_find_an_object_by_what_it_is_called_after,
    filters::what_says_all_words_itself_comes_before_what_is_called_after_them,
    filters::what_may_not_be_seen_cannot_be_asked_about,
    filters::too_large_a_filter_is_refused,
    limits::nothing_beyond_a_limit_is_read_or_written,
    limits::no_reference_leads_beyond_a_limit,
    limits::what_tells_of_an_object_is_seen_by_who_sees_the_object,
    limits::a_limit_may_lead_through_what_is_not_seen,
    attached::what_is_attached_goes_with_its_object_and_is_recorded,
    attached::what_is_attached_is_attached_to_something,
    attached::an_entry_says_who_wrote_it,
    writes::a_second_object_of_the_same_name_is_refused_at_its_field,
    writes::a_combination_is_refused_with_its_own_message,
    writes::a_reference_to_nothing_is_refused_at_its_field,
    writes::a_value_of_another_kind_is_refused_at_its_field,
    writes::an_older_version_is_refused_with_the_current_one,
    writes::of_two_that_write_at_once_one_is_told,
    writes::what_does_not_differ_is_not_written,
    writes::a_change_record_tells_before_and_after,
    writes::dropping_a_write_undoes_everything,
    writes::after_a_refusal_nothing_is_committed,
    writes::to_many_references_are_part_of_the_record,
    writes::a_secret_stands_nowhere_in_clear,
    writes::a_secret_needs_a_key,
    writes::a_hidden_secret_stays_as_it_is,
    writes::a_guessed_secret_is_stored_like_any_other,
    writes::ids_that_are_given_are_kept,
    writes::only_the_system_writes_the_cache_and_the_change_log,
    writes::listeners_hear_of_commits_only,
    writes::a_write_reads_what_it_wrote,
    writes::many_are_changed_as_each_would_be,
    writes::of_many_one_that_somebody_changed_meanwhile_refuses_all,
    writes::of_many_none_is_changed_beyond_a_limit,
    deletions::what_is_protected_names_what_stands_in_the_way,
    deletions::what_goes_along_is_told_before_and_recorded_after,
    deletions::what_loses_its_reference_is_recorded,
    deletions::a_tag_leaves_its_objects,
    deletions::nothing_is_deleted_twice,
    deletions::a_limited_permission_costs_the_same_statements_for_any_number_of_objects,
    events::a_follower_hears_of_another_process,
    events::numbers_rise_in_the_order_of_the_commits,
    bulk::cached_rows_are_written_over,
    bulk::many_cached_rows_need_few_statements,
    bulk::stamps_are_those_of_the_rows,
    bulk::deleted_cached_rows_let_go_of_operators_objects,
    bulk::notes_are_cleared_in_portions,
    bulk::a_cached_row_without_its_parent_is_refused,
    backup::a_backup_restores_into_sqlite,
    backup::a_backup_of_sqlite_is_restored,
    backup::a_bad_backup_changes_nothing,
    backup::a_backup_needs_its_key,
    backup::a_database_in_use_is_not_restored_over,
    backup::a_backup_is_for_those_who_may_see_all,
    retention::old_changes_go_in_portions_the_oldest_first,
    retention::of_old_pushes_the_last_of_each_kind_to_each_router_stays,
    retention::only_logs_are_forgotten_and_only_by_the_system,
    rotation::every_secret_has_the_new_key_and_is_the_same,
    rotation::a_process_with_the_former_key_reads_and_writes_no_secret,
    rotation::a_change_of_key_that_fails_has_changed_nothing,
    rotation::a_backup_made_before_says_which_key_it_needs,
    rotation::nobody_seals_with_the_former_key_meanwhile,
}
