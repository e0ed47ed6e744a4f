// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/preferences_dialog.h>

#include <app/workbench/form_widgets.h>
#include <app/workbench/preferences.h>
#include <app/workbench/styled.h>

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include <pprocess/os/cores.h>

namespace pprocess::workbench {

namespace {

constexpr int fieldWidth = 150;
constexpr int hintWidth = 330;

} // namespace

PreferencesDialog::PreferencesDialog(Preferences& preferences, QWidget* parent)
    : QDialog(parent),
      m_preferences(preferences) {
    setWindowTitle(tr("Preferences"));
    setObjectName(QStringLiteral("preferencesDialog"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(18, 14, 18, 14);
    layout->setSpacing(4);
    m_fields = new QFormLayout;
    m_fields->setContentsMargins(0, 0, 0, 0);
    m_fields->setHorizontalSpacing(16);
    m_fields->setVerticalSpacing(8);
    m_fields->setFieldGrowthPolicy(QFormLayout::FieldsStayAtSizeHint);
    m_fields->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_fields->setFormAlignment(Qt::AlignLeft | Qt::AlignTop);
    addLook();
    addNewJobs();
    addEnds();
    addKept();
    layout->addLayout(m_fields);
    m_problem = form::hint({});
    m_problem->setObjectName(QStringLiteral("preferencesProblem"));
    m_problem->setProperty("mistake", true);
    layout->addWidget(m_problem);
    layout->addSpacing(10);
    layout->addStretch(1);

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    m_restore = buttons->addButton(tr("&Restore defaults"), QDialogButtonBox::ResetRole);
    m_restore->setObjectName(QStringLiteral("restoreDefaults"));
    m_restore->setToolTip(tr("All of these as they are when nothing was ever changed"));
    connect(m_restore, &QPushButton::clicked, &m_preferences, &Preferences::restoreDefaults);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    layout->addWidget(buttons);
    connect(&m_preferences, &Preferences::changed, this, &PreferencesDialog::show);
    show();
    form::orderTabs(this);
    m_theme->setFocus();
}

void PreferencesDialog::addGroup(const QString& title) {
    auto* heading = styled::heading(title);
    if (m_fields->rowCount() > 0) {
        heading->setContentsMargins(0, 12, 0, 0);
    }
    m_fields->addRow(heading);
}

void PreferencesDialog::addHint(const QString& text) {
    QLabel* hint = form::hint(text);
    hint->setMinimumWidth(hintWidth);
    hint->setMinimumHeight(hint->heightForWidth(hintWidth));
    m_fields->addRow(QString(), hint);
}

QSpinBox* PreferencesDialog::makeNumber(const char* name, int least, int most, const QString& accessibleName) {
    auto* number = new QSpinBox;
    number->setObjectName(QString::fromLatin1(name));
    number->setRange(least, most);
    number->setAccessibleName(accessibleName);
    number->setToolTip(accessibleName);
    number->setMinimumWidth(fieldWidth);
    number->setKeyboardTracking(false); // 1 on the way to 100 is no decision
    return number;
}

void PreferencesDialog::addLook() {
    addGroup(tr("Appearance"));
    m_theme = new QComboBox;
    m_theme->setMinimumWidth(fieldWidth);
    m_theme->setObjectName(QStringLiteral("theme"));
    m_theme->setAccessibleName(tr("Colours of the window"));
    m_theme->setToolTip(tr("Light or dark; as the system also follows the system when that changes"));
    m_theme->addItem(tr("As the system"), static_cast<int>(Theme::Choice::system));
    m_theme->addItem(tr("Light"), static_cast<int>(Theme::Choice::light));
    m_theme->addItem(tr("Dark"), static_cast<int>(Theme::Choice::dark));
    connect(m_theme, &QComboBox::currentIndexChanged, this,
            [this] { m_preferences.setTheme(static_cast<Theme::Choice>(m_theme->currentData().toInt())); });
    m_fields->addRow(tr("C&olours"), m_theme);
}

void PreferencesDialog::addNewJobs() {
    addGroup(tr("New jobs"));
    m_limit = makeNumber("newJobLimit", 0, Preferences::mostJobLimit, tr("Most programs at once in a new job"));
    m_limit->setSpecialValueText(tr("as many as cores (%1)").arg(available_cores()));
    connect(m_limit, &QSpinBox::valueChanged, this, [this](int limit) {
        m_preferences.setJobLimit(limit == 0 ? std::nullopt : std::optional(static_cast<std::size_t>(limit)));
    });
    m_fields->addRow(tr("&At once"), m_limit);
    m_output = makeNumber("newJobOutput", 0, Preferences::mostOutputMebibytes,
                          tr("Kept of each item's output in a new job, in mebibytes"));
    m_output->setSuffix(tr(" MiB"));
    connect(m_output, &QSpinBox::valueChanged, &m_preferences, &Preferences::setOutputMebibytes);
    m_fields->addRow(tr("&Keep of each output"), m_output);
    addHint(tr("For jobs that are begun from nothing (Ctrl+N) from now on."));
}

void PreferencesDialog::addEnds() {
    addGroup(tr("At the end"));
    m_notifies = new QCheckBox(tr("&Tell me at the end of a job"));
    m_notifies->setObjectName(QStringLiteral("notifies"));
    m_notifies->setToolTip(tr("A notification of the desktop, while the window is not in front"));
    connect(m_notifies, &QCheckBox::toggled, &m_preferences, &Preferences::setNotifies);
    m_notifiesAfter = makeNumber("notifiesAfter", 0, Preferences::mostNotifiesAfter,
                                 tr("How long a job must have taken for that, in seconds"));
    m_notifiesAfter->setSuffix(tr(" s"));
    m_notifiesAfter->setSpecialValueText(tr("however short"));
    connect(m_notifiesAfter, &QSpinBox::valueChanged, this,
            [this](int seconds) { m_preferences.setNotifiesAfter(std::chrono::seconds(seconds)); });
    m_fields->addRow(m_notifies);
    m_fields->addRow(tr("&If it took at least"), m_notifiesAfter);
    m_closing = new QComboBox;
    m_closing->setObjectName(QStringLiteral("closing"));
    m_closing->setAccessibleName(tr("What closing the window does while jobs run"));
    m_closing->setToolTip(tr("Jobs that cannot go on in the background are asked about all the same."));
    m_closing->addItem(tr("Ask what to do with them"), static_cast<int>(Preferences::Closing::ask));
    m_closing->addItem(tr("Wait for their ends, then close"), static_cast<int>(Preferences::Closing::wait));
    m_closing->addItem(tr("Stop them and close"), static_cast<int>(Preferences::Closing::stop));
    m_closing->addItem(tr("Leave them in the background"), static_cast<int>(Preferences::Closing::leave));
    connect(m_closing, &QComboBox::currentIndexChanged, this,
            [this] { m_preferences.setClosing(static_cast<Preferences::Closing>(m_closing->currentData().toInt())); });
    m_fields->addRow(tr("&Closing while jobs run"), m_closing);
}

void PreferencesDialog::addKept() {
    addGroup(tr("What is kept"));
    m_mostRuns = makeNumber("mostRunsKept", 1, Preferences::mostMostRuns,
                            tr("How many earlier runs that have ended are kept, and 1 GiB of them at most"));
    connect(m_mostRuns, &QSpinBox::valueChanged, &m_preferences, &Preferences::setMostRuns);
    m_fields->addRow(tr("&Earlier runs"), m_mostRuns);
    m_trace = makeNumber("traceMost", 0, Preferences::mostTraceMebibytes,
                         tr("Most that is kept of what happened in a run, in mebibytes"));
    m_trace->setSuffix(tr(" MiB"));
    m_trace->setSpecialValueText(tr("none"));
    connect(m_trace, &QSpinBox::valueChanged, &m_preferences, &Preferences::setTraceMebibytes);
    m_fields->addRow(tr("Trace of each r&un"), m_trace);
    m_record = makeNumber("recordMemory", Preferences::leastRecordMebibytes, Preferences::mostRecordMebibytes,
                          tr("Memory for what the instruments show of a job, in mebibytes"));
    m_record->setSuffix(tr(" MiB"));
    connect(m_record, &QSpinBox::valueChanged, &m_preferences, &Preferences::setRecordMebibytes);
    m_fields->addRow(tr("I&nstruments"), m_record);
    addHint(tr("Runs make room at the end of the next job. The instruments' memory counts for jobs on new pages."));
}

void PreferencesDialog::show() {
    const QSignalBlocker blockers[] = {
        QSignalBlocker(m_theme),    QSignalBlocker(m_limit),         QSignalBlocker(m_output),
        QSignalBlocker(m_notifies), QSignalBlocker(m_notifiesAfter), QSignalBlocker(m_closing),
        QSignalBlocker(m_mostRuns), QSignalBlocker(m_trace),         QSignalBlocker(m_record)};
    m_theme->setCurrentIndex(m_theme->findData(static_cast<int>(m_preferences.theme())));
    m_limit->setValue(static_cast<int>(m_preferences.jobLimit().value_or(0)));
    m_output->setValue(m_preferences.outputMebibytes());
    m_notifies->setChecked(m_preferences.notifies());
    m_notifiesAfter->setValue(static_cast<int>(m_preferences.notifiesAfter().count()));
    m_notifiesAfter->setEnabled(m_preferences.notifies());
    m_closing->setCurrentIndex(m_closing->findData(static_cast<int>(m_preferences.closing())));
    m_mostRuns->setValue(m_preferences.mostRuns());
    m_trace->setValue(m_preferences.traceMebibytes());
    m_record->setValue(m_preferences.recordMebibytes());
    m_restore->setEnabled(!m_preferences.areDefaults());
    m_problem->setText(m_preferences.writeProblem());
    m_problem->setVisible(!m_preferences.writeProblem().isEmpty());
}

} // namespace pprocess::workbench
