//! The binary as an operator has it: started, stopped, killed, and its files taken away. What is said once here is tried on
//! both databases, as `sqlite::NAME` and `postgres::NAME`; PostgreSQL is found as in the store's tests.

mod away;
mod consistency;
mod full;
mod jobs;
mod keys;
mod killing;
mod rendering;
mod running;
mod settings;
mod stopping;
mod webhooks;

macro_rules! on_both_databases {
    ($($module:ident :: $test:ident,)*) => {
        mod sqlite {
            $(#[test]
            fn $test() {
                crate::$module::$test(crate::running::Installation::sqlite());
            })*
        }

        mod postgres {
            $(#[test]
            fn $test() {
                if let Some(installation) = crate::running::Installation::postgres() {
                    crate::$module::$test(installation);
                }
            })*
        }
    };
}

on_both_databases! {
    jobs::a_synchronisation_that_is_killed_again_and_again_ends_as_its_source,
    jobs::a_worker_that_sleeps_past_its_lease_does_nothing_more,
    jobs::the_command_line_and_a_server_take_turns,
    jobs::a_command_line_that_is_killed_leaves_no_job_running,
    jobs::a_command_line_without_an_answer_leaves_nothing_for_others,
    jobs::whoever_asks_to_be_left_alone_is,
    jobs::a_worker_needs_a_database_that_can_be_shared,
    keys::a_change_of_key_that_was_killed_is_ended_by_whoever_opens_next,
    keys::a_lost_key_is_not_replaced_while_there_are_secrets,
    keys::a_running_server_goes_on_with_the_new_key,
    killing::a_first_start_that_is_killed_is_made_up_for,
    killing::a_change_of_key_that_is_killed_at_any_moment_loses_no_secret,
    killing::what_was_acknowledged_survives_being_killed,
    rendering::routers_are_rendered_one_by_one_or_all_and_a_runaway_is_stopped,
    stopping::a_request_under_way_is_answered_and_streams_end_at_once,
    stopping::a_synchronisation_under_way_says_that_it_was_stopped,
    stopping::what_does_not_end_is_cut_off_after_a_while,
    stopping::a_second_signal_ends_at_once,
    webhooks::what_was_committed_is_told_however_often_the_server_is_killed,
}
