// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/job_form.h>

#include <app/workbench/command_preview.h>
#include <app/workbench/dry_run_dialog.h>
#include <app/workbench/equivalents_part.h>
#include <app/workbench/form_widgets.h>
#include <app/workbench/inputs_part.h>
#include <app/workbench/manner_part.h>
#include <app/workbench/more_part.h>
#include <app/workbench/steps_part.h>
#include <app/workbench/task_libraries.h>

#include <widgets/fixed_font.h>

#include <QAction>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTabBar>
#include <QVBoxLayout>

namespace pprocess::workbench {

/// One change of the job by the form. Changes of one field that follow each other are one.
class JobForm::Change : public QUndoCommand {
public:
    Change(JobForm& form, QString field, job::Job before, job::Job after)
        : m_form(form),
          m_field(std::move(field)),
          m_before(std::move(before)),
          m_after(std::move(after)) {}

    void undo() override { m_form.fill(m_before, false); }
    void redo() override {
        // At first it has been done already.
        if (std::exchange(m_isDone, false)) {
            return;
        }
        m_form.fill(m_after, false);
    }
    [[nodiscard]] int id() const override { return m_field.isEmpty() ? -1 : 1; }
    bool mergeWith(const QUndoCommand* other) override {
        const auto& next = static_cast<const Change&>(*other);
        if (next.m_field != m_field) {
            return false;
        }
        m_after = next.m_after;
        return true;
    }

private:
    JobForm& m_form;
    QString m_field;
    job::Job m_before;
    job::Job m_after;
    bool m_isDone = true;
};

JobForm::JobForm(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("form"));
    m_fields = new QWidget(this);
    m_name = form::lineEdit(QStringLiteral("jobName"), tr("Name of the job"), tr("What this job does"));
    m_libraries = new TaskLibraries(this);
    m_steps = new StepsPart(m_mistakes, *m_libraries);
    m_preview = new CommandPreview;
    m_inputs = new InputsPart(m_mistakes);
    m_manner = new MannerPart(m_mistakes);
    m_more = new MorePart(m_mistakes);
    m_equivalents = new EquivalentsPart;

    auto* fields = form::column(m_fields, 4);
    const auto gap = [fields] { fields->addSpacing(10); };
    fields->addWidget(form::caption(tr("&Name"), m_name));
    fields->addWidget(m_name);
    gap();
    fields->addWidget(m_steps);
    fields->addWidget(m_preview);
    gap();
    fields->addWidget(form::caption(tr("&Inputs"), &m_inputs->kinds()));
    fields->addWidget(m_inputs);
    gap();
    fields->addWidget(m_manner);
    fields->addWidget(m_more);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 12);
    layout->setSpacing(4);
    layout->addWidget(m_fields);
    layout->addWidget(m_equivalents); // can be copied also while a job runs
    layout->addStretch(1);

    for (const auto& [keys, name] : {std::pair{QKeySequence::Undo, "undo"}, std::pair{QKeySequence::Redo, "redo"}}) {
        auto* action = keys == QKeySequence::Undo ? m_changes.createUndoAction(this) : m_changes.createRedoAction(this);
        action->setObjectName(QLatin1String(name));
        action->setShortcuts(keys);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        addAction(action);
    }
    listen();
    watchKeys(this);
    applyFonts();
    setJob({});
}

void JobForm::listen() {
    connect(m_name, &QLineEdit::textChanged, this, [this] { edited(QStringLiteral("name")); });
    connect(m_steps, &StepsPart::edited, this, &JobForm::edited);
    connect(m_inputs, &InputsPart::edited, this, &JobForm::edited);
    connect(m_inputs, &InputsPart::placeholderChosen, m_steps, &StepsPart::insertPlaceholder);
    connect(m_steps, &StepsPart::commandsWanted, this, &JobForm::showCommands);
    connect(m_inputs, &InputsPart::columnsFound, this, &JobForm::follow);
    connect(m_libraries, &TaskLibraries::changed, this, &JobForm::follow);
    connect(m_manner, &MannerPart::edited, this, &JobForm::edited);
    connect(m_more, &MorePart::edited, this, &JobForm::edited);
}

void JobForm::applyFonts() {
    const QFont fixed = widgets::fixedFont(font());
    for (QWidget* widget : std::initializer_list<QWidget*>{m_preview, findChild<QWidget*>(QStringLiteral("items")),
                                                           findChild<QWidget*>(QStringLiteral("environment"))}) {
        widget->setFont(fixed);
    }
}

void JobForm::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        applyFonts();
    }
}

void JobForm::watchKeys(QObject* object) {
    for (QWidget* child : object->findChildren<QWidget*>()) {
        if (qobject_cast<QLineEdit*>(child) || qobject_cast<QPlainTextEdit*>(child)) {
            child->removeEventFilter(this);
            child->installEventFilter(this);
        }
    }
}

bool JobForm::eventFilter(QObject* watched, QEvent* event) {
    // Each text field would undo for itself alone, and not what was done elsewhere since.
    if (event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        if (key->matches(QKeySequence::Undo)) {
            m_changes.undo();
            return true;
        }
        if (key->matches(QKeySequence::Redo)) {
            m_changes.redo();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void JobForm::setJob(const job::Job& job) {
    m_changes.clear();
    fill(job, true);
}

void JobForm::fill(const job::Job& job, bool isOther) {
    m_isFilling = true;
    m_job = job;
    // What is typed with blanks at an end stays so where it means the same.
    if (m_name->text().trimmed() != QString::fromStdString(job.name)) {
        m_name->setText(QString::fromStdString(job.name));
        m_name->setCursorPosition(0); // of a long name the beginning is seen
    }
    m_steps->fill(job, isOther);
    m_inputs->fill(job, isOther);
    m_manner->fill(job);
    m_more->fill(job, isOther);
    m_isFilling = false;
    m_last = this->job();
    watchKeys(this);
    form::orderTabs(this);
    clearMistakes();
    follow();
    emit changed();
}

job::Job JobForm::job() const {
    job::Job job = m_job;
    job.name = m_name->text().trimmed().toStdString();
    m_steps->write(job);
    m_inputs->write(job);
    m_manner->write(job);
    m_more->write(job);
    return job;
}

void JobForm::edited(const QString& field) {
    if (m_isFilling) {
        return;
    }
    m_mistakes.clear(field);
    watchKeys(this);
    if (field.isEmpty()) {
        form::orderTabs(this); // fields may have come or moved
    }
    const job::Job now = job();
    m_changes.push(new Change(*this, field, std::exchange(m_last, now), now));
    follow();
    emit changed();
}

void JobForm::follow() {
    m_steps->setColumns(m_inputs->columns());
    m_preview->follow(m_last, m_libraries->known());
    m_equivalents->follow(m_last);
}

bool JobForm::showMistake(const QString& field, const QString& message) {
    if (field == QLatin1String("inputs")) {
        return m_mistakes.show(QStringLiteral("inputs.folder"), message);
    }
    return m_mistakes.show(field, message);
}

void JobForm::showCommands() {
    if (findChild<DryRunDialog*>()) {
        return;
    }
    clearMistakes();
    auto* dialog = new DryRunDialog(job(), m_libraries->all(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &DryRunDialog::mistaken, this, &JobForm::mistaken);
    connect(dialog, &QDialog::finished, dialog, &QObject::deleteLater); // also when it was never shown
    dialog->start();
}

void JobForm::clearMistakes() {
    m_mistakes.clear();
}

QString JobForm::mistake(const QString& field) const {
    return m_mistakes.text(field);
}

void JobForm::setLocked(bool locked) {
    m_fields->setEnabled(!locked);
}

} // namespace pprocess::workbench
