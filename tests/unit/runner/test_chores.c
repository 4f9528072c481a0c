/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "office.h"

#include "runner/chores.h"

/* An object that a crash left, and one that a job needs. */
static void
orphans_go_and_documents_stay(void **state)
{
    (void)state;
    struct office office;
    struct store_sink *sink = NULL;
    struct store_written orphan;
    struct chores *chores = NULL;
    char id[UUID_TEXT_SIZE];

    office_open(&office, NULL, "none");
    must(&office, sink_open(office.store, 100, &sink, &office.err));
    must(&office, sink_write(sink, span_of("left behind"), &office.err));
    must(&office, sink_commit(&sink, &orphan, &office.err));
    office_submit(&office, "FAKE 1\n", id);
    assert_int_equal(office_objects(&office), 2);
    struct chores_config config = {
        .db_place = office.place, .store = office.store, .sweep_ms = 20, .collect_ms = 20};
    must(&office, chores_open(&config, &chores, &office.err));
    usleep(300000); /* younger than an hour: nothing goes */
    chores_close(&chores);
    assert_null(chores);
    assert_int_equal(office_objects(&office), 2);
    config.orphan_ms = -60000; /* at once; the age is by the wall clock */
    must(&office, chores_open(&config, &chores, &office.err));
    for (int i = 0; i < 3000 && office_objects(&office) > 1; i++)
        usleep(20000);
    usleep(200000);
    chores_close(&chores);
    assert_int_equal(office_objects(&office), 1);
    office_close(&office);
}

/* The store may be the new installation's as well: to this one all that is new there is an orphan.
 */
static void
nothing_goes_once_it_has_moved_away(void **state)
{
    (void)state;
    struct office office;
    struct store_sink *sink = NULL;
    struct store_written theirs;
    struct chores *chores = NULL;

    office_open(&office, NULL, "none");
    must(&office, sink_open(office.store, 100, &sink, &office.err));
    must(&office, sink_write(sink, span_of("of the new one"), &office.err));
    must(&office, sink_commit(&sink, &theirs, &office.err));
    const struct chores_config config = {.db_place = office.place,
                                         .store = office.store,
                                         .sweep_ms = 20,
                                         .collect_ms = 20,
                                         .orphan_ms = 4000};
    must(&office, chores_open(&config, &chores, &office.err));
    must(&office, db_exec(office.db,
                          "INSERT INTO move_state (id, move_id, side, phase, frozen_until_ms, "
                          "begun_ms, done_ms, owner, place) VALUES (1, 'm', 0, 1, 0, 0, 0, 'o', "
                          "'elsewhere')",
                          NULL, 0, NULL, &office.err));
    usleep(4600000);
    chores_close(&chores);
    assert_int_equal(office_objects(&office), 1);
    office_close(&office);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orphans_go_and_documents_stay),
        cmocka_unit_test(nothing_goes_once_it_has_moved_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
